-- Indexes that nobody has used since the counters began, and indexes much larger than their entries need. Of partitions
-- the figures are those of all together, by the parent's index. Keys are never unused: they keep rows unique.
-- grain: one row per index
-- columns: name, table_name, bytes, scans, needed (bytes, roughly: entries at a fill of 90%), unique_key
WITH tops AS (
    SELECT coalesce(pg_partition_root(index_class.oid), index_class.oid) AS top, index_class.oid,
           pg_index.indrelid, pg_index.indisunique
    FROM pg_index
    JOIN pg_class AS index_class ON index_class.oid = pg_index.indexrelid
    JOIN pg_namespace ON pg_namespace.oid = index_class.relnamespace
    WHERE pg_namespace.nspname IN ('public', 'marts') AND index_class.relkind = 'i'
),
wide AS (
    SELECT tops.oid, 16 + coalesce(sum(pg_stats.avg_width), 8) AS bytes
    FROM tops
    JOIN pg_attribute ON pg_attribute.attrelid = tops.oid
    JOIN pg_class AS owner ON owner.oid = tops.indrelid
    JOIN pg_namespace ON pg_namespace.oid = owner.relnamespace
    LEFT JOIN pg_stats ON pg_stats.schemaname = pg_namespace.nspname AND pg_stats.tablename = owner.relname
        AND pg_stats.attname = pg_attribute.attname
    GROUP BY tops.oid
)
SELECT min(top.relname)::text AS name,
       (SELECT relname::text FROM pg_class WHERE oid = min(coalesce(pg_partition_root(tops.indrelid), tops.indrelid)::oid::bigint)::oid) AS table_name,
       sum(pg_relation_size(tops.oid))::bigint AS bytes,
       sum(coalesce(usage.idx_scan, 0))::bigint AS scans,
       sum(greatest(8192, index_class.reltuples * wide.bytes * 1.1))::bigint AS needed,
       bool_or(tops.indisunique) AS unique_key
FROM tops
JOIN pg_class AS index_class ON index_class.oid = tops.oid
JOIN pg_class AS top ON top.oid = tops.top
JOIN wide ON wide.oid = tops.oid
LEFT JOIN pg_stat_user_indexes AS usage ON usage.indexrelid = tops.oid
GROUP BY tops.top
ORDER BY bytes DESC
