-- The versions of an operation that are not published any more, newest first.
-- grain: one row per version
-- columns: those of superseded_operations
-- parameters: operation_id (uuid), user_id (whose it must be; null: anybody's)
SELECT *
FROM superseded_operations
WHERE operation_id = %(operation_id)s AND (%(user_id)s::text IS NULL OR user_id = %(user_id)s::text)
ORDER BY superseded_generation DESC, generation DESC, record_no DESC
