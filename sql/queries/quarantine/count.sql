-- How many records pass the filters.
-- grain: one row
-- columns: records
-- parameters: as quarantine_groups, without limit and offset
SELECT count(*) AS records
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
