-- The marts that there are, with their columns and their key.
-- grain: one row per mart
-- columns: mart, columns (text[]), key (text[], of its unique index)
SELECT
    pg_class.relname AS mart,
    array_agg(pg_attribute.attname::text ORDER BY pg_attribute.attnum) AS columns,
    array_agg(pg_attribute.attname::text ORDER BY pg_attribute.attnum)
        FILTER (WHERE pg_attribute.attnum = ANY (unique_index.indkey::int2[])) AS key
FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
JOIN pg_attribute
    ON pg_attribute.attrelid = pg_class.oid AND pg_attribute.attnum > 0 AND NOT pg_attribute.attisdropped
LEFT JOIN pg_index AS unique_index ON unique_index.indrelid = pg_class.oid AND unique_index.indisunique
WHERE pg_namespace.nspname = 'marts' AND pg_class.relkind = 'r' AND pg_class.relname NOT LIKE 'build\_%'
GROUP BY pg_class.relname
ORDER BY pg_class.relname
