-- The records in quarantine, in the order in which they came there and stand in their files; one page of them.
-- grain: one row per record and judgement
-- columns: source, table_name, file, sha256, user_id, record_no, line, hop, rules, raw, contract_version, generation,
--          resolution, resolved_generation
-- parameters: as quarantine_groups
SELECT quarantine.source, quarantine.table_name, files.name AS file, files.sha256, quarantine.user_id, record_no, line,
       hop, rules, raw, quarantine.contract_version, quarantine.generation, resolution, resolved_generation
FROM quarantine
LEFT JOIN files USING (file_id, source, user_id)
WHERE (%(source)s::text IS NULL OR quarantine.source = %(source)s)
  AND (%(user_id)s::text IS NULL OR quarantine.user_id = %(user_id)s)
  AND (%(since)s::bigint IS NULL OR quarantine.generation >= %(since)s)
  AND (%(file)s::text IS NULL OR files.name = %(file)s OR starts_with(files.sha256, lower(%(file)s)))
  AND (%(state)s = 'all' OR (%(state)s = 'open') = (resolved_generation IS NULL))
  AND (%(rule)s::text IS NULL OR EXISTS (
      SELECT FROM unnest(string_to_array(rules, ';')) AS broken
      WHERE broken = %(rule)s OR split_part(broken, ':', 1) = %(rule)s
  ))
ORDER BY quarantine.generation, files.name, file_id, source, user_id, record_no
LIMIT %(limit)s OFFSET %(offset)s
