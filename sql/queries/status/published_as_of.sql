-- How many records of each table were published as of a generation, by what the ledger says.
-- grain: one row per table
-- columns: name, rows
-- parameters: as_of
SELECT 'public.' || table_name AS name,
       sum(CASE hop WHEN 'publish' THEN passed ELSE -records_in END)::bigint AS rows
FROM ledger
WHERE hop IN ('publish', 'supersede') AND table_name <> 'unknown' AND generation <= %(as_of)s
GROUP BY table_name
ORDER BY table_name
