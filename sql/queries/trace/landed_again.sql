-- The later landings of a file whose records were in already: every record of it is a duplicate there.
-- grain: one row per landing
-- columns: generation, run_id, user_id
-- parameters: file_id (uuid), source
SELECT generation, run_id, user_id
FROM ledger
WHERE file_id = %(file_id)s AND source = %(source)s AND hop = 'read' AND duplicate > 0
ORDER BY generation, file_no
