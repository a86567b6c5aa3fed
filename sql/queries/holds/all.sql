-- The holds, newest first, with the name of the file that one is about.
-- grain: one row per hold
-- columns: hold_id, user_id, source, file, file_id, first_date, last_date, reason, made_by, made_at, removed_by, removed_reason, removed_at
-- parameters: everything (boolean: also those that were lifted)
SELECT hold_id, user_id, source,
       (SELECT min(name) FROM files WHERE files.file_id = holds.file_id) AS file,
       file_id, first_date, last_date, reason, made_by, made_at, removed_by, removed_reason, removed_at
FROM holds
WHERE %(everything)s OR removed_at IS NULL
ORDER BY hold_id DESC
