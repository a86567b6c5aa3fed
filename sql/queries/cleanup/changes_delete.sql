-- Delete what `cleanup_changes` counts.
-- parameters: generation (the last one)
DELETE FROM changes
WHERE generation <= %(generation)s
  AND NOT EXISTS (
      SELECT 1
      FROM holds
      WHERE removed_at IS NULL AND (holds.user_id IS NULL OR holds.user_id = changes.user_id)
  )
