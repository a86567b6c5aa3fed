-- The holds in force under which rows of a month are.
-- grain: one row per hold
-- columns: hold_id, reason
-- parameters: first, after (days)
SELECT hold_id, reason
FROM holds
WHERE removed_at IS NULL
  AND (first_date IS NULL OR first_date < %(after)s) AND (last_date IS NULL OR last_date >= %(first)s)
  AND EXISTS (
      SELECT 1
      FROM trading_operations AS operation
      WHERE operation.date >= greatest(%(first)s, first_date)
        AND operation.date < least(%(after)s, last_date + 1)
        AND (holds.user_id IS NULL OR operation.user_id = holds.user_id)
        AND (holds.source IS NULL OR operation.source = holds.source)
        AND (holds.file_id IS NULL OR operation.file_id = holds.file_id)
  )
ORDER BY hold_id
