-- Tables that have changed since their statistics were taken, or have none.
-- grain: one row per table or partition
-- columns: schema, name
SELECT schemaname AS schema, relname AS name
FROM pg_stat_user_tables
WHERE schemaname IN ('public', 'marts')
  AND (n_mod_since_analyze > 0 OR (last_analyze IS NULL AND last_autoanalyze IS NULL))
  AND relname NOT LIKE 'build\_%'
ORDER BY schemaname, relname
