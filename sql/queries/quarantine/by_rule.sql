-- Records in quarantine, now or as of a generation, by source and by each rule that they broke; a record that broke two counts under both.
-- grain: one row per source and rule
-- columns: source, rule, records
-- parameters: generation (that put them there; null: any), as_of (null: now)
SELECT source, rule, count(*) AS records
FROM quarantine
CROSS JOIN LATERAL unnest(string_to_array(rules, ';')) AS rule
WHERE (resolved_generation IS NULL OR resolved_generation > %(as_of)s)
  AND (%(as_of)s::bigint IS NULL OR generation <= %(as_of)s)
  AND (%(generation)s::bigint IS NULL OR generation = %(generation)s)
GROUP BY source, rule
ORDER BY source, records DESC, rule
