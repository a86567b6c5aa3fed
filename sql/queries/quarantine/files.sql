-- Files that have ever had a record in quarantine.
-- grain: one row per file, source and owner
-- columns: file_id, source, user_id, sha256, name, size, dataset, landed_as, landed_for
-- parameters: source, user_id (null: any), file (its name, or the first digits of its SHA-256; null: any)
SELECT file_id, source, user_id, sha256, name, size, dataset, landed_as, landed_for
FROM files
WHERE status = 'published'
  AND (%(source)s::text IS NULL OR source = %(source)s)
  AND (%(user_id)s::text IS NULL OR user_id = %(user_id)s)
  AND (%(file)s::text IS NULL OR name = %(file)s OR starts_with(sha256, lower(%(file)s)))
  AND EXISTS (
      SELECT FROM quarantine
      WHERE quarantine.file_id = files.file_id AND quarantine.source = files.source
        AND quarantine.user_id = files.user_id
  )
ORDER BY landed_at, file_id, source, user_id
