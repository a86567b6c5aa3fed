-- What became of records of a file: the newest row of each.
-- grain: one row per record asked for that has ever been in quarantine
-- columns: record_no, hop, open (boolean), resolution, resolved_generation
-- parameters: file_id (uuid), source, user_id, record_nos (bigint[])
SELECT DISTINCT ON (record_no) record_no, hop, resolved_generation IS NULL AS open, resolution, resolved_generation
FROM quarantine
WHERE file_id = %(file_id)s AND source = %(source)s AND user_id = %(user_id)s
  AND record_no = ANY (%(record_nos)s::bigint[])
ORDER BY record_no, generation DESC
