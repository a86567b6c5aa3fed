-- Files that are already part of what is published, among those asked for, with what the ledger says came in.
-- grain: one row per file, source and owner
-- columns: file_id, source, user_id, records, fp
-- parameters: file_ids (uuid[])
SELECT files.file_id, files.source, files.user_id, files.records, coalesce(first_read.fp_in, 0)::text AS fp
FROM files
LEFT JOIN LATERAL (
    SELECT fp_in
    FROM ledger
    WHERE ledger.file_id = files.file_id AND ledger.source = files.source AND ledger.user_id = files.user_id
      AND ledger.hop = 'read' AND ledger.held = 0 AND ledger.duplicate = 0
    ORDER BY ledger.generation
    LIMIT 1
) AS first_read ON TRUE
WHERE files.file_id = ANY (%(file_ids)s::uuid[]) AND files.status = 'published'
