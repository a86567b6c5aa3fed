-- One page of a user's tasks, newest first: those that files tell of (origin file) and those asked for through the API
-- (origin api), and the current generation, also when the page is empty.
-- grain: one row per task, or one row with nulls
-- columns: generation, run_id (both null before the first publish), changes (of the API's tasks so far), created_at,
--     task_id, task (JSON text)
-- parameters: user_id, status, type, origin, after_time, after_id, size, skip
WITH page AS (
    (
        SELECT created_at, task_id, json_build_object(
            'task_id', task_id, 'user_id', user_id, 'origin', 'file', 'type', type, 'title', title,
            'priority', priority, 'status', status, 'progress', trim_scale(progress), 'parameters', parameters,
            'result', result, 'error_message', error_message, 'idempotency_key', idempotency_key,
            'created_at', created_at, 'started_at', started_at, 'finished_at', finished_at, 'updated_at', updated_at,
            'cancel_requested_at', NULL, 'run_id', NULL
        )::text AS task
        FROM frenly_ai_tasks
        WHERE user_id = %(user_id)s
            AND (%(status)s::text IS NULL OR status = %(status)s)
            AND (%(type)s::text IS NULL OR type = %(type)s)
            AND (%(origin)s::text IS NULL OR %(origin)s = 'file')
            AND (%(after_time)s::timestamptz IS NULL OR (created_at, task_id) < (%(after_time)s, %(after_id)s))
        ORDER BY created_at DESC, task_id DESC
        LIMIT %(size)s::int + %(skip)s::int
    )
    UNION ALL
    (
        SELECT created_at, task_id, json_build_object(
            'task_id', task_id, 'user_id', user_id, 'origin', 'api', 'type', type, 'title', title,
            'priority', priority, 'status', status, 'progress', trim_scale(progress), 'parameters', parameters,
            'result', result, 'error_message', error_message, 'idempotency_key', idempotency_key,
            'created_at', created_at, 'started_at', started_at, 'finished_at', finished_at, 'updated_at', updated_at,
            'cancel_requested_at', cancel_requested_at, 'run_id', run_id
        )::text AS task
        FROM background_tasks
        WHERE user_id = %(user_id)s
            AND (%(status)s::text IS NULL OR status = %(status)s)
            AND (%(type)s::text IS NULL OR type = %(type)s)
            AND (%(origin)s::text IS NULL OR %(origin)s = 'api')
            AND (%(after_time)s::timestamptz IS NULL OR (created_at, task_id) < (%(after_time)s, %(after_id)s))
        ORDER BY created_at DESC, task_id DESC
        LIMIT %(size)s::int + %(skip)s::int
    )
    ORDER BY created_at DESC, task_id DESC
    LIMIT %(size)s OFFSET %(skip)s
)

SELECT newest.generation, newest.run_id, (SELECT changes FROM background_task_changes) AS changes,
    page.created_at, page.task_id, page.task
FROM (VALUES (1)) AS always (one)
LEFT JOIN (SELECT generation, run_id FROM generations ORDER BY generation DESC LIMIT 1) AS newest ON TRUE
LEFT JOIN page ON TRUE
ORDER BY page.created_at DESC, page.task_id DESC
