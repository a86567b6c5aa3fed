-- How many rows of each table are published, by what the ledger says.
-- grain: one row per table, per month for trading_operations
-- columns: table_name, partition, records
SELECT table_name, partition, sum(CASE hop WHEN 'publish' THEN passed ELSE -records_in END)::bigint AS records
FROM ledger
WHERE hop IN ('publish', 'supersede') AND table_name <> 'unknown'
GROUP BY table_name, partition
ORDER BY table_name, partition
