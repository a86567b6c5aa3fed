-- How many records are in quarantine by source, file, owner and rule; a record that broke two counts under both.
-- grain: one row per source, file, owner and rule (CODE:field), most records first; one page of them
-- columns: source, table_name, file, sha256, user_id, rule, records, first_record, since (generation), groups (of all
--          pages)
-- parameters: source, user_id, since (generation), rule (CODE or CODE:field), file (its name, or the first digits of its
--             SHA-256), each null for any; state (open, resolved, all), limit, offset
SELECT quarantine.source, quarantine.table_name, files.name AS file, files.sha256, quarantine.user_id, broken AS rule,
       count(*) AS records, min(record_no) AS first_record, min(quarantine.generation) AS since,
       count(*) OVER () AS groups
FROM quarantine
LEFT JOIN files USING (file_id, source, user_id)
CROSS JOIN LATERAL unnest(string_to_array(rules, ';')) AS broken
WHERE (%(source)s::text IS NULL OR quarantine.source = %(source)s)
  AND (%(user_id)s::text IS NULL OR quarantine.user_id = %(user_id)s)
  AND (%(since)s::bigint IS NULL OR quarantine.generation >= %(since)s)
  AND (%(file)s::text IS NULL OR files.name = %(file)s OR starts_with(files.sha256, lower(%(file)s)))
  AND (%(state)s = 'all' OR (%(state)s = 'open') = (resolved_generation IS NULL))
  AND (%(rule)s::text IS NULL OR broken = %(rule)s OR split_part(broken, ':', 1) = %(rule)s)
GROUP BY quarantine.source, quarantine.table_name, files.name, files.sha256, quarantine.user_id, broken
ORDER BY count(*) DESC, quarantine.source, files.name, files.sha256, quarantine.user_id, broken
LIMIT %(limit)s OFFSET %(offset)s
