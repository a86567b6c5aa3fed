-- How many tasks a user has, by status, those of files and of the API together, and the current generation.
-- grain: one row
-- columns: generation, tasks (JSON text: count by status)
-- parameters: user_id
SELECT
    (SELECT coalesce(max(generation), 0) FROM generations) AS generation,
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
