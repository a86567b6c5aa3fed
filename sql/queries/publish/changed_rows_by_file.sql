-- How many rows of each file a keyed table holds among those that a run has just brought.
-- grain: one row per file
-- columns: file_id, rows, row_fp
-- placeholders: {table}, {changed} (the run's temporary table), {key} (the key's columns), {records}
SELECT target.file_id, count(*) AS rows, sum(target.row_fp) AS row_fp
FROM {table} AS target
JOIN {changed} AS changed USING ({key})
WHERE target.file_id = changed.file_id AND target.record_no = changed.record_no AND {records}
GROUP BY target.file_id
