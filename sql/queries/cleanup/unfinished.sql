-- What an interrupted cleanup meant to remove and did not say that it is gone.
-- grain: one row per thing
-- columns: cleanup_id, kind, item, records, bytes, fp, reason
SELECT cleanup_id, kind, item, records, bytes, fp, reason
FROM cleanups
WHERE state = 'intended'
ORDER BY intended_at, kind, item
