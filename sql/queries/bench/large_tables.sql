-- Which of some tables have more than a few rows, by the server's own statistics.
-- grain: one row per table and schema
-- columns: relname
-- parameters: names (array of text), rows
SELECT relname
FROM pg_class
WHERE relname = ANY (%(names)s::text[]) AND relkind IN ('r', 'p') AND reltuples > %(rows)s
