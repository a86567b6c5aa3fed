-- Whether a task waits that nobody has claimed.
-- grain: one row
-- columns: waits
SELECT EXISTS (SELECT FROM background_tasks WHERE status = 'pending' AND claimed_at IS NULL) AS waits
