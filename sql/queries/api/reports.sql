-- The reports that were written, the newest first.
-- grain: one row per report, at most as many as the limit
-- columns: those of the table reports
-- parameters: user_id, role, period, format (null: any), limit
SELECT report_id, user_id, role, period, format, generation, path, sha256, size, created_at, removed_at
FROM reports
WHERE
    (%(user_id)s::text IS NULL OR user_id = %(user_id)s::text)
    AND (%(role)s::text IS NULL OR role = %(role)s::text)
    AND (%(period)s::text IS NULL OR period = %(period)s::text)
    AND (%(format)s::text IS NULL OR format = %(format)s::text)
ORDER BY created_at DESC, report_id DESC
LIMIT %(limit)s
