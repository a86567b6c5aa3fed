-- Files that wait, or waited as of a generation, for a contract or for someone to look at them, newest first.
-- grain: one row per file and owner
-- columns: name, user_id, records, reason, sha256, landed_at
-- parameters: as_of (null: now)
SELECT name, user_id, records, reason, sha256, landed_at
FROM files
WHERE status = 'held' AND (%(as_of)s::bigint IS NULL OR generation <= %(as_of)s)
UNION ALL
SELECT name, user_id, records, reason, sha256, landed_at
FROM released_files
WHERE generation <= %(as_of)s AND released_generation > %(as_of)s
ORDER BY landed_at DESC, name
