-- Files that are held, among those that pass the filters (null: any).
-- grain: one row per file and owner, in the order in which they landed
-- columns: sha256, name, user_id, landed_as, landed_for, reason
-- parameters: file (its name, or the first digits of its SHA-256), user_id, since (generation)
SELECT sha256, name, user_id, landed_as, landed_for, reason
FROM files
WHERE status = 'held'
  AND (%(file)s::text IS NULL OR name = %(file)s OR starts_with(sha256, lower(%(file)s)))
  AND (%(user_id)s::text IS NULL OR user_id = %(user_id)s)
  AND (%(since)s::bigint IS NULL OR generation >= %(since)s)
ORDER BY landed_at, sha256, user_id
