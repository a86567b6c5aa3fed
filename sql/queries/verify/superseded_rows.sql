-- Versions of rows of keyed tables that others replaced, by what names them.
-- grain: one row per version
-- columns: superseded_generation, table_name, row_key, file_id, record_no, row_fp, superseded_reason, row
SELECT superseded_generation, table_name, row_key, file_id, record_no, row_fp, superseded_reason, row
FROM superseded_rows
