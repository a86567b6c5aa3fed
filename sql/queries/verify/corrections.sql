-- Every correction of a raw field.
-- grain: one row per record, field and generation
-- columns: file_id, source, user_id, record_no, field, new_text, generation
SELECT file_id, source, user_id, record_no, field, new_text, generation
FROM corrections
ORDER BY generation
