-- How many rows of each file a table holds, and the sum of their fingerprints; parents made up for records are none.
-- grain: one row per file
-- columns: file_id, rows, row_fp
-- placeholders: {table} is the table's name and {records} the condition for rows that are records
SELECT file_id, count(*) AS rows, sum(row_fp) AS row_fp
FROM {table}
WHERE {records}
GROUP BY file_id
