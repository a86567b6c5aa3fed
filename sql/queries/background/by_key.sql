-- The task that a user has under an idempotency key.
-- grain: one row, or none
-- columns: task_id, request_sha256
-- parameters: user_id, idempotency_key
SELECT task_id, request_sha256
FROM background_tasks
WHERE user_id = %(user_id)s AND idempotency_key = %(idempotency_key)s
