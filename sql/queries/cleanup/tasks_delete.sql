-- Delete the tasks of a type that `cleanup_tasks` counts.
-- parameters: before, type
DELETE FROM background_tasks
WHERE finished_at < %(before)s AND status IN ('completed', 'failed', 'cancelled') AND type = %(type)s
  AND NOT EXISTS (
      SELECT 1
      FROM holds
      WHERE removed_at IS NULL AND (holds.user_id IS NULL OR holds.user_id = background_tasks.user_id)
  )
