-- Tables that a publisher built for a month and never attached.
-- grain: one row a table, in the order of their names
-- columns: name
SELECT c.relname::text AS name
FROM pg_class AS c
WHERE c.relkind = 'r'
  AND NOT c.relispartition
  AND c.relnamespace = current_schema()::regnamespace
  AND c.relname ~ '^build_[0-9]{4}_[0-9]{2}_[0-9a-f]{8}$'
ORDER BY c.relname
