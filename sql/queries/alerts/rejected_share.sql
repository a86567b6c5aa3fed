-- Sources of which, in the newest generation that took records of them in, too large a share was rejected.
-- grain: one row per such source
-- columns: source, generation, records, rejected
-- parameters: share (of 1)
WITH newest AS (
    SELECT source, max(generation) AS generation
    FROM ledger
    WHERE hop = 'read' AND records_in > 0 AND source <> 'unknown'
    GROUP BY source
)

SELECT source, generation, sum(records_in) FILTER (WHERE hop = 'read')::bigint AS records,
       sum(rejected) FILTER (WHERE hop NOT IN ('supersede', 'replay'))::bigint AS rejected
FROM ledger
JOIN newest USING (source, generation)
GROUP BY source, generation
HAVING sum(rejected) FILTER (WHERE hop NOT IN ('supersede', 'replay'))
       > %(share)s::numeric * sum(records_in) FILTER (WHERE hop = 'read')
ORDER BY source
