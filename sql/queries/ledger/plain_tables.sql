-- The tables without partitions that readers see.
-- grain: one row per table
-- columns: schema, name
SELECT namespace.nspname AS schema, class.relname AS name
FROM pg_class AS class
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
WHERE class.relkind = 'r' AND NOT class.relispartition AND namespace.nspname IN ('public', 'marts')
  AND class.relname NOT LIKE '%alembic\_version' AND class.relname NOT LIKE 'build\_%'
ORDER BY 1, 2
