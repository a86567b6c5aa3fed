-- Which records of a file are in quarantine now.
-- grain: one row per open record
-- columns: record_no
-- parameters: file_id (uuid), source, user_id
SELECT record_no
FROM quarantine
WHERE resolved_generation IS NULL AND file_id = %(file_id)s AND source = %(source)s AND user_id = %(user_id)s
