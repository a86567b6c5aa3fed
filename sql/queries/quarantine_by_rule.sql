-- Records in quarantine now by source and by each rule that they broke; a record that broke two counts under both.
-- grain: one row per source and rule
-- columns: source, rule, records
-- parameters: generation (null: all)
SELECT source, rule, count(*) AS records
FROM quarantine
CROSS JOIN LATERAL unnest(string_to_array(rules, ';')) AS rule
WHERE resolved_generation IS NULL AND (%(generation)s::bigint IS NULL OR generation = %(generation)s)
GROUP BY source, rule
ORDER BY source, records DESC, rule
