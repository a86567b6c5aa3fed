-- Writes a task down, unless the user has one under this key already.
-- grain: one row, or none when there is one
-- columns: task_id
-- parameters: task_id, user_id, type, title, priority, parameters, idempotency_key, request_sha256
INSERT INTO background_tasks (
    task_id, user_id, type, title, status, progress, parameters, priority, idempotency_key, request_sha256,
    created_at, updated_at
)
VALUES (
    %(task_id)s, %(user_id)s, %(type)s, %(title)s, 'pending', 0, %(parameters)s, %(priority)s, %(idempotency_key)s,
    %(request_sha256)s, now(), now()
)
ON CONFLICT (user_id, idempotency_key) DO NOTHING
RETURNING task_id
