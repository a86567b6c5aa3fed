-- The rows of a generation in a table that was built for a month.
-- grain: one row per file
-- columns: file_id, rows, row_fp
-- parameters: generation
-- placeholder: {table} is the build's name
SELECT file_id, count(*) AS rows, coalesce(sum(row_fp), 0) AS row_fp
FROM {table}
WHERE generation = %(generation)s
GROUP BY file_id
