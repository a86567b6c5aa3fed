-- Where a task stands by now; what is not given stays, and a task that has ended stays as it ended.
-- grain: none
-- parameters: task_id, status, run_id, progress, result, error_message, started_at, finished_at
UPDATE background_tasks
SET status = %(status)s,
    run_id = coalesce(%(run_id)s, run_id),
    progress = coalesce(%(progress)s, progress),
    result = coalesce(%(result)s, result),
    error_message = coalesce(%(error_message)s, error_message),
    started_at = coalesce(%(started_at)s, started_at),
    finished_at = coalesce(%(finished_at)s, finished_at),
    updated_at = now()
WHERE task_id = %(task_id)s AND status IN ('pending', 'running')
