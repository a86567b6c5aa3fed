-- How many rows and bytes the tables and marts hold; rows of a partitioned table are those that the ledger published.
-- grain: one row per table, parents of partitions counting for all of them
-- columns: name, bytes, partitions, partitioned
SELECT namespace.nspname || '.' || class.relname AS name,
       coalesce(tree.bytes, pg_total_relation_size(class.oid))::bigint AS bytes,
       coalesce(tree.partitions, 0) AS partitions,
       class.relkind = 'p' AS partitioned
FROM pg_class AS class
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
LEFT JOIN LATERAL (
    SELECT sum(pg_total_relation_size(relid)) AS bytes, count(*) FILTER (WHERE isleaf) AS partitions
    FROM pg_partition_tree(class.oid)
) AS tree ON class.relkind = 'p'
WHERE class.relkind IN ('r', 'p') AND NOT class.relispartition
  AND namespace.nspname IN ('public', 'marts') AND class.relname NOT LIKE '%alembic\_version'
  AND class.relname NOT LIKE 'build\_%'
ORDER BY 1
