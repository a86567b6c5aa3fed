-- Tables of which enough is dead or unmapped that vacuuming pays: by Postgres' own counters.
-- grain: one row per table or partition
-- columns: schema, name, dead, live
-- parameters: least (dead rows), share (of the table)
SELECT schemaname AS schema, relname AS name, n_dead_tup AS dead, n_live_tup AS live
FROM pg_stat_user_tables
WHERE schemaname IN ('public', 'marts')
  AND n_dead_tup >= %(least)s AND n_dead_tup >= %(share)s::numeric * (n_live_tup + n_dead_tup)
ORDER BY n_dead_tup DESC
