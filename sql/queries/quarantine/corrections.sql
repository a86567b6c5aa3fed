-- The corrections of one record.
-- grain: one row per correction, in the order in which they were given
-- columns: field, old_text, new_text, made_by, reason, made_at, generation
-- parameters: file_id (uuid), source, user_id, record_no
SELECT field, old_text, new_text, made_by, reason, made_at, generation
FROM corrections
WHERE file_id = %(file_id)s AND source = %(source)s AND user_id = %(user_id)s AND record_no = %(record_no)s
ORDER BY generation, field
