-- Records that left quarantine whose raw texts cleanup let go, by what it wrote down.
-- grain: one row per judgement of such a record
-- columns: file_id, source, user_id, record_no, generation
SELECT file_id, source, user_id, record_no, generation
FROM quarantine
WHERE raw = ''
  AND resolved_generation <= (
      SELECT max(substring(item FROM '\d+$')::bigint)
      FROM cleanups
      WHERE kind = 'quarantine'
  )
