-- How many tasks a user has, by status, those of files and of the API together, and the current generation.
-- grain: one row
-- columns: generation, run_id (both null before the first publish), changes (of the API's tasks so far), tasks (JSON text:
--     count by status)
-- parameters: user_id
SELECT
    newest.generation, newest.run_id,
    (SELECT changes FROM background_task_changes) AS changes,
    (
        SELECT coalesce(json_object_agg(status, tasks), '{}')::text
        FROM (
            SELECT status, count(*) AS tasks
            FROM (
                SELECT status FROM frenly_ai_tasks WHERE user_id = %(user_id)s
                UNION ALL
                SELECT status FROM background_tasks WHERE user_id = %(user_id)s
            ) AS task
            GROUP BY status
        ) AS counted
    ) AS tasks
FROM (VALUES (1)) AS always (one)
LEFT JOIN (SELECT generation, run_id FROM generations ORDER BY generation DESC LIMIT 1) AS newest ON TRUE
