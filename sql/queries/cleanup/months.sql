-- The partitions of trading_operations older than a month, and what speaks for or against their removal.
-- grain: one row per partition
-- columns: month, bytes, last_generation (that changed it), verified_generation (the newest that nothing differed in, and nothing has since), ledger_records, ledger_fp
-- parameters: before (YYYY-MM)
SELECT months.month, months.bytes,
       coalesce(ledger.last_generation, 0) AS last_generation,
       coalesce((
            SELECT max(generation)
            FROM verifications
            WHERE scope = 'everything' AND differences = 0
              AND verified_at > ALL (SELECT wrong.verified_at FROM verifications AS wrong WHERE wrong.differences > 0)
        ), 0)
           AS verified_generation,
       coalesce(ledger.records, 0)::bigint AS ledger_records,
       coalesce(ledger.fp, 0) AS ledger_fp
FROM (
    SELECT replace(substring(pg_class.relname FROM '\d{4}_\d{2}$'), '_', '-') AS month,
           pg_total_relation_size(pg_class.oid) AS bytes
    FROM pg_inherits
    JOIN pg_class ON pg_class.oid = pg_inherits.inhrelid
    WHERE pg_inherits.inhparent = 'trading_operations'::regclass AND NOT pg_inherits.inhdetachpending
) AS months
LEFT JOIN LATERAL (
    SELECT max(generation) AS last_generation,
           sum(CASE hop WHEN 'publish' THEN passed ELSE -records_in END) AS records,
           sum(CASE hop WHEN 'publish' THEN fp_passed ELSE -fp_in END) AS fp
    FROM ledger
    WHERE table_name = 'trading_operations' AND ledger.partition = months.month AND hop IN ('publish', 'supersede')
) AS ledger ON TRUE
WHERE months.month < %(before)s
ORDER BY months.month
