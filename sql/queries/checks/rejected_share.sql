-- Records that the newest generation read and rejected, by source; files that are held are not read.
-- grain: one row per source
-- columns: source, records, rejected
SELECT source, sum(CASE hop WHEN 'read' THEN records_in - duplicate ELSE 0 END) AS records, sum(rejected) AS rejected
FROM ledger
WHERE generation = (SELECT max(generation) FROM generations) AND source <> 'unknown'
GROUP BY source
HAVING sum(CASE hop WHEN 'read' THEN records_in - duplicate ELSE 0 END) > 0
ORDER BY source
