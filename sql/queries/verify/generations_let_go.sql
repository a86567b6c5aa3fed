-- The last generation up to which cleanup let those go that nothing names.
-- grain: one row
-- columns: generation (0: it never did)
SELECT coalesce(max(substring(item FROM '\d+$')::bigint), 0) AS generation
FROM cleanups
WHERE kind = 'generations'
