-- How many records wait in quarantine, where these are a fifth more than a week ago, and more than ten more.
-- grain: one row, or none
-- columns: records_now, records_then
-- parameters: now
WITH counted AS (
    SELECT coalesce(sum(rejected - CASE hop WHEN 'replay' THEN records_in ELSE 0 END), 0)::bigint AS records_now,
           coalesce(sum(rejected - CASE hop WHEN 'replay' THEN records_in ELSE 0 END)
               FILTER (WHERE committed_at <= %(now)s::timestamptz - interval '7 days'), 0)::bigint AS records_then,
           coalesce(bool_or(committed_at <= %(now)s::timestamptz - interval '7 days'), FALSE) AS was_there
    FROM ledger
    JOIN generations USING (generation)
    WHERE hop <> 'supersede'
)

SELECT records_now, records_then
FROM counted
WHERE was_there AND records_now > records_then * 1.2 AND records_now > records_then + 10
