-- One task, wherever it is, and the current generation.
-- grain: one row, or none
-- columns: generation, user_id, task (JSON text)
-- parameters: task_id
SELECT (SELECT coalesce(max(generation), 0) FROM generations) AS generation, user_id, json_build_object(
    'task_id', task_id, 'user_id', user_id, 'origin', 'api', 'type', type, 'title', title,
    'priority', priority, 'status', status, 'progress', trim_scale(progress), 'parameters', parameters,
    'result', result, 'error_message', error_message, 'idempotency_key', idempotency_key,
    'created_at', created_at, 'started_at', started_at, 'finished_at', finished_at, 'updated_at', updated_at,
    'cancel_requested_at', cancel_requested_at, 'run_id', run_id
)::text AS task
FROM background_tasks
WHERE task_id = %(task_id)s
UNION ALL
SELECT (SELECT coalesce(max(generation), 0) FROM generations), user_id, json_build_object(
    'task_id', task_id, 'user_id', user_id, 'origin', 'file', 'type', type, 'title', title,
    'priority', priority, 'status', status, 'progress', trim_scale(progress), 'parameters', parameters,
    'result', result, 'error_message', error_message, 'idempotency_key', idempotency_key,
    'created_at', created_at, 'started_at', started_at, 'finished_at', finished_at, 'updated_at', updated_at,
    'cancel_requested_at', NULL, 'run_id', NULL
)::text
FROM frenly_ai_tasks
WHERE task_id = %(task_id)s
LIMIT 1
