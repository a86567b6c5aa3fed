-- Tables that a publisher built for a month or a mart, and that never took their place.
-- grain: one row a table, in the order of their names
-- columns: schema, name
SELECT n.nspname::text AS schema,
       c.relname::text AS name
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r'
  AND NOT c.relispartition
  AND (
      n.nspname = current_schema() AND c.relname ~ '^build_[0-9]{4}_[0-9]{2}_[0-9a-f]{8}$'
      OR n.nspname = 'marts' AND c.relname ~ '^build_[a-z][a-z0-9_]*_[0-9a-f]{8}$'
  )
ORDER BY c.relname
