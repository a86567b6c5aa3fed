-- The records that are in quarantine now and pass the filters, each null filter letting all pass. Where records belong
-- together and some are there for the others' sake, they come all: which one was at fault is not told by their rules.
-- grain: one row per open record, by file and owner, in the order of the file
-- columns: file_id, source, user_id, record_no, line, hop, rules, raw, row_fp, contract_version, generation
-- parameters: source, user_id, rule (CODE or CODE:field), file (its name, or the first digits of its SHA-256),
--             since (generation), records (boolean: only those in the lists), file_ids (uuid[]), sources, user_ids
--             (text[]), record_nos (bigint[]): four lists of one length
WITH chosen AS (
    SELECT file_id, source, user_id, record_no
    FROM quarantine
    WHERE resolved_generation IS NULL
      AND (%(source)s::text IS NULL OR source = %(source)s)
      AND (%(user_id)s::text IS NULL OR user_id = %(user_id)s)
      AND (%(since)s::bigint IS NULL OR generation >= %(since)s)
      AND (%(rule)s::text IS NULL OR EXISTS (
          SELECT FROM unnest(string_to_array(rules, ';')) AS broken
          WHERE broken = %(rule)s OR split_part(broken, ':', 1) = %(rule)s
      ))
      AND (%(file)s::text IS NULL OR file_id IN (
          SELECT files.file_id FROM files WHERE files.name = %(file)s OR starts_with(files.sha256, lower(%(file)s))
      ))
      AND (NOT %(records)s OR (file_id, source, user_id, record_no) IN (
          SELECT *
          FROM unnest(%(file_ids)s::uuid[], %(sources)s::text[], %(user_ids)s::text[], %(record_nos)s::bigint[])
      ))
)
SELECT file_id, source, user_id, record_no, line, hop, rules, raw, row_fp, contract_version, generation
FROM quarantine
WHERE resolved_generation IS NULL
  AND (
      (file_id, source, user_id, record_no) IN (SELECT file_id, source, user_id, record_no FROM chosen)
      OR (file_id, source, user_id) IN (
          SELECT file_id, source, user_id
          FROM chosen
          INTERSECT
          SELECT file_id, source, user_id
          FROM quarantine
          WHERE resolved_generation IS NULL AND starts_with(rules, 'GROUP_')
      )
  )
ORDER BY file_id, source, user_id, record_no
