-- A file that was held and now goes in is held no more; that it was stays known.
-- parameters: file_id (uuid), user_id, generation (with which it goes in)
WITH released AS (
    DELETE FROM files
    WHERE file_id = %(file_id)s AND user_id = %(user_id)s AND status = 'held'
    RETURNING *
)
INSERT INTO released_files (
    file_id, source, user_id, sha256, name, size, status, dataset, contract_version, table_name, reason, records,
    generation, landed_at, landed_as, landed_for, released_generation
)
SELECT file_id, source, user_id, sha256, name, size, status, dataset, contract_version, table_name, reason, records,
       generation, landed_at, landed_as, landed_for, %(generation)s
FROM released
