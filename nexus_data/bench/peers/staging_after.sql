INSERT INTO operations
SELECT DISTINCT ON (clean.exec_id)
    clean.exec_id, clean.at::date, clean.at, clean.user_id, clean.account_id, clean.type, clean.category,
    clean.amount::numeric, clean.currency, clean.side, clean.symbol, clean.security_id, clean.last_qty::numeric,
    clean.last_px::numeric, clean.commission::numeric, clean.commission_currency, clean.venue, clean.milestone_id,
    clean.description
FROM (
    SELECT
        staging.*,
        CASE
            WHEN transact_time ~ '^\d{13}$' THEN to_timestamp(transact_time::numeric / 1000)
            WHEN transact_time ~ '^\d{4}-(0[1-9]|1[0-2])-([01]\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d' THEN transact_time::timestamptz
        END AS at
    FROM staging
) AS clean
WHERE
    clean.at IS NOT NULL
    AND clean.user_id <> ''
    AND clean.type IN ('income', 'expense')
    AND clean.amount ~ '^\d{1,20}(\.\d{1,18})?$'
    AND clean.currency ~ '^[A-Z]{3}$'
    AND coalesce(clean.side, 'buy') IN ('buy', 'sell')
    AND coalesce(clean.last_qty, '0') ~ '^\d{1,20}(\.\d{1,18})?$'
    AND coalesce(clean.last_px, '0') ~ '^\d{1,18}(\.\d{1,20})?$'
    AND coalesce(clean.commission, '0') ~ '^-?\d{1,20}(\.\d{1,18})?$'
ORDER BY clean.exec_id, clean.at;
DROP TABLE staging;
CREATE UNIQUE INDEX ON operations (date, exec_id);
CREATE INDEX ON operations (user_id, date);
CREATE INDEX ON operations (milestone_id) WHERE milestone_id IS NOT NULL
