-- Files that wait for a contract or for someone to look at them, newest first.
-- grain: one row per file and owner
-- columns: name, user_id, records, reason, sha256, landed_at
SELECT name, user_id, records, reason, sha256, landed_at
FROM files
WHERE status = 'held'
ORDER BY landed_at DESC, name
