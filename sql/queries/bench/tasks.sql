-- Invented tasks for `nexus bench db`: five of each user.
-- grain: one row per task
-- columns: those of frenly_ai_tasks
-- parameters: users
SELECT
    't' || n AS task_id, 'u' || div(n, 5) AS user_id, 'generate_report' AS type, 'Report ' || n AS title,
    CASE n %% 7 WHEN 0 THEN 'failed' WHEN 1 THEN 'running' ELSE 'completed' END AS status,
    timestamptz '2025-01-01 00:00Z' + n * interval '1 second' AS created_at,
    'nexus' AS source, md5('tasks')::uuid AS file_id, n + 1 AS record_no, n AS row_fp
FROM generate_series(0, 5 * %(users)s::bigint - 1) AS n
