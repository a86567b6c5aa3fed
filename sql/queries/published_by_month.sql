-- How many rows of each table are published, by what the ledger says; without months that only the lake has.
-- grain: one row per table, per month for trading_operations
-- columns: table_name, partition, records
SELECT table_name, partition, sum(CASE hop WHEN 'publish' THEN passed ELSE -records_in END)::bigint AS records
FROM ledger
WHERE hop IN ('publish', 'supersede') AND table_name <> 'unknown'
  AND NOT EXISTS (
      SELECT 1
      FROM cleanups
      WHERE kind = 'operations' AND restored_generation IS NULL AND state = 'done'
        AND table_name = 'trading_operations' AND item = partition
  )
GROUP BY table_name, partition
ORDER BY table_name, partition
