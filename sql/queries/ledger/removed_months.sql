-- The months of trading_operations that cleanup took out of Postgres (or is taking out); the lake keeps them.
-- grain: one row per month
-- columns: month, records, fp, cleanup_id, day (UTC)
SELECT item AS month, records, fp, cleanup_id, (coalesce(done_at, intended_at) AT TIME ZONE 'UTC')::date AS day
FROM cleanups
WHERE kind = 'operations' AND restored_generation IS NULL
  AND NOT EXISTS (
      SELECT 1
      FROM pg_inherits
      JOIN pg_class ON pg_class.oid = pg_inherits.inhrelid
      WHERE pg_inherits.inhparent = 'public.trading_operations'::regclass AND NOT pg_inherits.inhdetachpending
        AND pg_class.relname = 'trading_operations_' || replace(cleanups.item, '-', '_')
  )
ORDER BY item
