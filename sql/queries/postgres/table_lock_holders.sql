-- Which other sessions hold a lock on one of these tables.
-- grain: one row a session
-- columns: pid, name (the session's application_name)
-- parameters: tables (an array of their names)
SELECT DISTINCT l.pid, a.application_name AS name
FROM pg_locks AS l
JOIN pg_stat_activity AS a ON a.pid = l.pid
WHERE l.relation = ANY (%(tables)s::text[]::regclass[])
  AND l.granted
  AND l.pid <> pg_backend_pid()
ORDER BY l.pid
