-- Files that are held because no contract read them, among those that pass the filters (null: any). A file that its
-- contract read and that is held for another reason needs somebody who looks at it.
-- grain: one row per file and owner, in the order in which they landed
-- columns: sha256, name, user_id, landed_as, landed_for, reason
-- parameters: file (its name, or the first digits of its SHA-256), user_id, since (generation)
SELECT sha256, name, user_id, landed_as, landed_for, reason
FROM files
WHERE status = 'held' AND source = 'unknown'
  AND NOT EXISTS (
      SELECT FROM files AS known
      WHERE known.file_id = files.file_id AND known.user_id = files.user_id AND known.source <> 'unknown'
  )
  AND (%(file)s::text IS NULL OR name = %(file)s OR starts_with(sha256, lower(%(file)s)))
  AND (%(user_id)s::text IS NULL OR user_id = %(user_id)s)
  AND (%(since)s::bigint IS NULL OR generation >= %(since)s)
ORDER BY landed_at, sha256, user_id
