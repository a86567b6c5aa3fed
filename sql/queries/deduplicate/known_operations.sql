-- Published operations among those asked for.
-- grain: one row per operation
-- columns: operation_id, content_fp, month, file_id, record_no, generation
-- views: lake_operations, wanted (operation_id)
SELECT operation_id, content_fp, strftime(date, '%Y-%m') AS month, file_id, record_no, generation
FROM lake_operations
SEMI JOIN wanted USING (operation_id)
ORDER BY generation, record_no, operation_id
