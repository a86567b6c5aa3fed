-- Tasks asked for through the API that ended before a day, by type; those of users under a hold stay.
-- grain: one row per type
-- columns: type, tasks
-- parameters: before
SELECT type, count(*) AS tasks
FROM background_tasks
WHERE finished_at < %(before)s AND status IN ('completed', 'failed', 'cancelled')
  AND NOT EXISTS (
      SELECT 1
      FROM holds
      WHERE removed_at IS NULL AND (holds.user_id IS NULL OR holds.user_id = background_tasks.user_id)
  )
GROUP BY type
ORDER BY type
