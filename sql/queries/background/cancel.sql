-- Asks for a task's end: at once where no scheduler has taken it, else the scheduler ends its run.
-- grain: one row, or none when the task is not there or has ended
-- columns: task_id
-- parameters: task_id
UPDATE background_tasks
SET cancel_requested_at = coalesce(cancel_requested_at, now()),
    status = CASE WHEN claimed_at IS NULL THEN 'cancelled' ELSE status END,
    finished_at = CASE WHEN claimed_at IS NULL THEN now() END,
    updated_at = now()
WHERE task_id = %(task_id)s AND status IN ('pending', 'running')
RETURNING task_id
