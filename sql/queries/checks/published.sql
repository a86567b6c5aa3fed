-- What the ledger says is published against what the tables hold, in count and in the sum of the row fingerprints.
-- grain: one row per table, per month for trading_operations
-- columns: table_name, partition, records_expected, records, fp_expected, fp
-- parameters: everything (boolean: all months, not only those that the newest generation touched)
WITH touched AS (
    SELECT DISTINCT table_name, partition
    FROM ledger
    WHERE hop IN ('publish', 'supersede')
      AND (%(everything)s OR generation = (SELECT max(generation) FROM generations))
      -- What cleanup took out of Postgres is in the lake alone.
      AND NOT EXISTS (
          SELECT 1
          FROM cleanups
          WHERE kind = 'operations' AND restored_generation IS NULL
            AND table_name = 'trading_operations' AND item = partition
      )
),
expected AS (
    SELECT table_name, partition,
           sum(CASE hop WHEN 'publish' THEN passed ELSE -records_in END) AS records,
           sum(CASE hop WHEN 'publish' THEN fp_passed ELSE -fp_in END) AS fp
    FROM ledger
    JOIN touched USING (table_name, partition)
    WHERE hop IN ('publish', 'supersede')
    GROUP BY table_name, partition
),
-- Rows that only other rows name (status implied) come from no record, so that the ledger does not count them.
held AS (
    SELECT 'users' AS table_name, row_fp FROM users WHERE status <> 'implied'
    UNION ALL
    SELECT 'user_accounts', row_fp FROM user_accounts
    UNION ALL
    SELECT 'projects', row_fp FROM projects WHERE status <> 'implied'
    UNION ALL
    SELECT 'project_milestones', row_fp FROM project_milestones
    UNION ALL
    SELECT 'frenly_ai_tasks', row_fp FROM frenly_ai_tasks
),
keyed AS (
    SELECT table_name, count(*) AS records, sum(row_fp) AS fp FROM held GROUP BY table_name
)
SELECT expected.table_name, expected.partition, expected.records AS records_expected,
       coalesce(keyed.records, 0) AS records, expected.fp AS fp_expected, coalesce(keyed.fp, 0) AS fp
FROM expected
LEFT JOIN keyed USING (table_name)
WHERE expected.table_name <> 'trading_operations'
UNION ALL
-- By month, so that Postgres reads the touched partitions alone.
SELECT expected.table_name, expected.partition, expected.records, month.records, expected.fp, month.fp
FROM expected
CROSS JOIN LATERAL (
    SELECT count(*) AS records, coalesce(sum(row_fp), 0) AS fp
    FROM trading_operations
    WHERE date >= to_date(expected.partition, 'YYYY-MM')
      AND date < (to_date(expected.partition, 'YYYY-MM') + interval '1 month')::date
) AS month
WHERE expected.table_name = 'trading_operations'
ORDER BY 1, 2
