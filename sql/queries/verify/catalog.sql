-- What is not as the tables need it: invalid indexes, constraints that were never validated, partitions whose bounds are
-- not their month, tables that a build left.
-- grain: one row per fault
-- columns: kind, name, expected, found
-- parameters: tables (text[]: the declared tables)
SELECT 'index_invalid' AS kind, index_class.relname AS name, 'valid' AS expected, 'invalid' AS found
FROM pg_index
JOIN pg_class AS index_class ON index_class.oid = pg_index.indexrelid
JOIN pg_namespace ON pg_namespace.oid = index_class.relnamespace
WHERE pg_namespace.nspname IN ('public', 'marts') AND NOT (pg_index.indisvalid AND pg_index.indisready)
UNION ALL
SELECT 'constraint_not_validated', pg_class.relname || '.' || pg_constraint.conname, 'validated', 'not validated'
FROM pg_constraint
JOIN pg_class ON pg_class.oid = pg_constraint.conrelid
JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
WHERE pg_namespace.nspname IN ('public', 'marts') AND NOT pg_constraint.convalidated
UNION ALL
SELECT 'partition_bounds', name, expected, found
FROM (
    SELECT
        child.relname AS name,
        -- The planner may ask this of every relation before it joins: only names that end in a month are dates.
        CASE WHEN child.relname ~ '_[0-9]{4}_[0-9]{2}$' THEN format(
            'FOR VALUES FROM (''%%s'') TO (''%%s'')',
            to_date(right(child.relname, 7), 'YYYY_MM'),
            (to_date(right(child.relname, 7), 'YYYY_MM') + interval '1 month')::date
        ) END AS expected,
        pg_get_expr(child.relpartbound, child.oid) AS found
    FROM pg_inherits
    JOIN pg_class AS child ON child.oid = pg_inherits.inhrelid
    WHERE pg_inherits.inhparent = 'public.trading_operations'::regclass
) AS bounds
WHERE expected IS DISTINCT FROM found
UNION ALL
SELECT 'table_missing', wanted.name, 'a table', 'nothing'
FROM unnest(%(tables)s::text[]) AS wanted (name)
WHERE to_regclass('public.' || quote_ident(wanted.name)) IS NULL
