-- Which other sessions hold a lock on a table.
-- grain: one row a session
-- columns: pid, name (the session's application_name)
-- parameters: table
SELECT DISTINCT l.pid, a.application_name AS name
FROM pg_locks AS l
JOIN pg_stat_activity AS a ON a.pid = l.pid
WHERE l.relation = %(table)s::regclass
  AND l.granted
  AND l.pid <> pg_backend_pid()
ORDER BY l.pid
