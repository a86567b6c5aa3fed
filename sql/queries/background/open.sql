-- The tasks that have not ended, oldest first.
-- grain: one row per task
-- columns: task_id, user_id, type, priority, parameters, status, cancel
-- parameters: size
SELECT task_id, user_id, type, priority, coalesce(parameters, '{}'), status, cancel_requested_at IS NOT NULL AS cancel
FROM background_tasks
WHERE status IN ('pending', 'running') AND claimed_at IS NOT NULL
ORDER BY created_at, task_id
LIMIT %(size)s
