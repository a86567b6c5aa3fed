-- The corrections given for fields of a record, in the order in which they were given; the last of a field is in force.
-- grain: one row per field and generation
-- columns: field, old_text, new_text, made_by, reason, made_at, generation
-- parameters: file_id (uuid), source, user_id (whom the file was landed for), record_no
SELECT field, old_text, new_text, made_by, reason, made_at, generation
FROM corrections
WHERE
    file_id = %(file_id)s AND source = %(source)s AND user_id = %(user_id)s AND record_no = %(record_no)s
ORDER BY generation, field
