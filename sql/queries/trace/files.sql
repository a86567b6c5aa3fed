-- The landings of a file that went in, the given user's first: one file may have been landed for several users.
-- grain: one row per owner
-- columns: those of files, run_id (the run that published it), committed_at
-- parameters: file_id (uuid), source, user_id
SELECT files.*, generations.run_id, generations.committed_at
FROM files
LEFT JOIN generations ON generations.generation = files.generation
WHERE files.file_id = %(file_id)s AND files.source = %(source)s AND files.status = 'published'
ORDER BY files.user_id <> %(user_id)s, files.generation, files.user_id
