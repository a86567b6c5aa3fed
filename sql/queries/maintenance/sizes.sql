-- How much room the database takes: in all, by table (partitions with their parent), and by index of some size.
-- grain: one row per thing
-- columns: kind, name, bytes
SELECT 'database' AS kind, current_database()::text AS name, pg_database_size(current_database()) AS bytes
UNION ALL
SELECT 'table', namespace.nspname || '.' || class.relname,
       coalesce(
           (SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(class.oid) WHERE class.relkind = 'p'),
           pg_total_relation_size(class.oid)
       )::bigint
FROM pg_class AS class
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
WHERE class.relkind IN ('r', 'p') AND NOT class.relispartition AND namespace.nspname IN ('public', 'marts')
  AND class.relname NOT LIKE 'build\_%'
