-- The files behind the cells of marts.data_quality, which are of all users.
-- grain: one row per file and owner
-- columns: row_date (the same for all), row_id, contribution (to the cell of that column; null: none), user_id, source,
--     file_id, record_no (null)
-- parameters: column, source, table_name, last_arrival (null: any)
-- count files: the files
-- count files_held: those that wait for a contract
-- attained last_arrival: the files that landed then, which is the last time
SELECT
    DATE '1970-01-01' AS row_date,
    concat_ws(' ', sha256, user_id) AS row_id,
    CASE %(column)s::text
        WHEN 'files' THEN 1
        WHEN 'files_held' THEN CASE WHEN status = 'held' THEN 1 END
        WHEN 'last_arrival' THEN CASE WHEN landed_at = %(last_arrival)s::timestamptz THEN 1 END
    END AS contribution,
    user_id,
    source,
    file_id,
    NULL::bigint AS record_no
FROM files
WHERE
    (%(source)s::text IS NULL OR source = %(source)s::text)
    AND (%(table_name)s::text IS NULL OR coalesce(table_name, 'unknown') = %(table_name)s::text)
