-- Of kept files those that landed before an instant, and what speaks for or against letting their bytes go. Published
-- operations need them while Postgres serves their month, rejected records while they wait in quarantine.
-- grain: one row per content
-- columns: sha256, file_id, name (the first it landed under), records, operations (whether all of it are), held (whether it
--     waits), last_generation (whose ledger names it), verified_generation (the newest that nothing differed in, and nothing has since), waiting (records in
--     quarantine), served (its months in Postgres; null: none), holds (JSON array of [hold_id, reason])
-- parameters: sha256 (text[], those whose bytes are there), before (instant)
WITH old AS (
    SELECT
        sha256, file_id,
        (array_agg(name ORDER BY landed_at, name))[1] AS name,
        max(records) AS records,
        bool_and(coalesce(table_name = 'trading_operations', FALSE)) AS operations,
        bool_or(status = 'held') AS held,
        array_agg(source) AS sources,
        array_agg(user_id) AS owners,
        bool_or(landed_for IS NULL) AS of_anybody
    FROM files
    WHERE sha256 = ANY (%(sha256)s::text[])
    GROUP BY sha256, file_id
    HAVING max(landed_at) < %(before)s
)
SELECT
    old.sha256, old.file_id, old.name, old.records, old.operations, old.held,
    (SELECT coalesce(max(generation), 0) FROM ledger WHERE ledger.file_id = old.file_id) AS last_generation,
    coalesce((
            SELECT max(generation)
            FROM verifications
            WHERE scope = 'everything' AND differences = 0
              AND verified_at > ALL (SELECT wrong.verified_at FROM verifications AS wrong WHERE wrong.differences > 0)
        ), 0)
        AS verified_generation,
    (
        SELECT count(*)
        FROM quarantine
        WHERE quarantine.file_id = old.file_id AND quarantine.resolved_generation IS NULL
    ) AS waiting,
    (
        SELECT string_agg(DISTINCT ledger.partition, ', ' ORDER BY ledger.partition)
        FROM ledger
        JOIN pg_class ON pg_class.relname = 'trading_operations_' || replace(ledger.partition, '-', '_')
        JOIN pg_inherits ON pg_inherits.inhrelid = pg_class.oid
        WHERE ledger.file_id = old.file_id AND ledger.hop = 'publish' AND ledger.passed > 0
          AND pg_inherits.inhparent = 'trading_operations'::regclass
    ) AS served,
    (
        SELECT coalesce(json_agg(json_build_array(hold_id, reason) ORDER BY hold_id), '[]')
        FROM holds
        WHERE removed_at IS NULL
          AND (holds.file_id IS NULL OR holds.file_id = old.file_id)
          AND (holds.source IS NULL OR holds.source = ANY (old.sources))
          AND (holds.user_id IS NULL OR old.of_anybody OR holds.user_id = ANY (old.owners))
          AND (
              (holds.first_date IS NULL AND holds.last_date IS NULL)
              OR NOT EXISTS (SELECT 1 FROM ledger WHERE ledger.file_id = old.file_id AND ledger.partition <> '')
              OR EXISTS (
                  SELECT 1
                  FROM ledger
                  WHERE ledger.file_id = old.file_id AND ledger.partition <> ''
                    AND to_date(ledger.partition, 'YYYY-MM') <= coalesce(holds.last_date, 'infinity')
                    AND to_date(ledger.partition, 'YYYY-MM') + interval '1 month' > coalesce(holds.first_date, '-infinity')
              )
          )
    ) AS holds
FROM old
ORDER BY old.sha256
