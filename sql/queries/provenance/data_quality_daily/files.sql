-- The files behind the cells of marts.data_quality_daily: those that first arrived on the day.
-- grain: one row per file and owner
-- columns: row_date (the same for all), row_id, contribution (to the cell of that column; null: none), user_id, source,
--     file_id, record_no (null)
-- parameters: column, user_id, source, table_name, date (null: any)
-- count files: the files
-- count files_held: those that wait for a contract
SELECT
    DATE '1970-01-01' AS row_date,
    concat_ws(' ', sha256, user_id, source) AS row_id,
    CASE %(column)s::text
        WHEN 'files' THEN 1
        WHEN 'files_held' THEN CASE WHEN status = 'held' THEN 1 END
    END AS contribution,
    user_id,
    source,
    files.file_id,
    NULL::bigint AS record_no
FROM files
JOIN (
    SELECT file_id, (min(landed_at) AT TIME ZONE 'UTC')::date AS date
    FROM files
    GROUP BY file_id
) AS arrivals ON files.file_id = arrivals.file_id
WHERE
    user_id = %(user_id)s::text
    AND (%(source)s::text IS NULL OR source = %(source)s::text)
    AND (%(table_name)s::text IS NULL OR coalesce(table_name, 'unknown') = %(table_name)s::text)
    AND (%(date)s::date IS NULL OR arrivals.date = %(date)s::date)
