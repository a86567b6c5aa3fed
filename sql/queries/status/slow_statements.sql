-- Statements that read and took over half a second at least once, since the server's statistics began.
-- grain: one row per statement of this database, slowest first, at most 20
-- columns: statement (its beginning on one line, values left out), calls, mean_ms, max_ms (whole milliseconds)
SELECT
    left(regexp_replace(query, '\s+', ' ', 'g'), 120) AS statement,
    calls,
    round(mean_exec_time)::bigint AS mean_ms,
    round(max_exec_time)::bigint AS max_ms
FROM pg_stat_statements
WHERE
    dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND max_exec_time >= 500
    AND query ~* '\A(\s|--.*?\n)*(select|with)\y'
ORDER BY max_exec_time DESC
LIMIT 20
