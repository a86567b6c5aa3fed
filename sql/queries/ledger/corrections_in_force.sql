-- The corrections of a file's records: of several for one field the newest.
-- grain: one row per record and field
-- columns: record_no, field, new_text
-- parameters: file_id (uuid), source, user_id
SELECT DISTINCT ON (record_no, field) record_no, field, new_text
FROM corrections
WHERE file_id = %(file_id)s AND source = %(source)s AND user_id = %(user_id)s
ORDER BY record_no, field, generation DESC
