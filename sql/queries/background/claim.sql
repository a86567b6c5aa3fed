-- Takes what waits: from now on a task may have a run, and only the scheduler ends it.
-- grain: none
UPDATE background_tasks
SET claimed_at = now(), updated_at = now()
WHERE status = 'pending' AND claimed_at IS NULL
