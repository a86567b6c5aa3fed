-- The months that left Postgres and in which a user has operations, as the mart tells: where else to look for one.
-- grain: one row per month
-- columns: month, cleanup_id, day (UTC), version (of the lake table trading_operations, in the current generation)
-- parameters: user_id (null: anybody)
SELECT
    item AS month,
    cleanup_id,
    (coalesce(done_at, intended_at) AT TIME ZONE 'UTC')::date AS day,
    (SELECT (lake ->> 'trading_operations')::bigint FROM generations ORDER BY generation DESC LIMIT 1) AS version
FROM cleanups
WHERE kind = 'operations' AND restored_generation IS NULL
  AND NOT EXISTS (
      SELECT 1
      FROM pg_inherits
      JOIN pg_class ON pg_class.oid = pg_inherits.inhrelid
      WHERE pg_inherits.inhparent = 'public.trading_operations'::regclass AND NOT pg_inherits.inhdetachpending
        AND pg_class.relname = 'trading_operations_' || replace(cleanups.item, '-', '_')
  )
  AND EXISTS (
      SELECT 1
      FROM marts.daily_totals
      WHERE daily_totals.month = cleanups.item AND (%(user_id)s::text IS NULL OR daily_totals.user_id = %(user_id)s)
  )
ORDER BY item DESC
