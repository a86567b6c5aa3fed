-- Kept files whose bytes cleanup removed, or was about to; what they were stays in the table files.
-- grain: one row per content, as it was last removed
-- columns: sha256, day (UTC), cleanup_id
-- parameters: sha256 (null: all)
SELECT DISTINCT ON (item)
    item AS sha256,
    (coalesce(done_at, intended_at) AT TIME ZONE 'UTC')::date AS day,
    cleanup_id
FROM cleanups
WHERE kind = 'raw_files' AND (%(sha256)s::text IS NULL OR item = %(sha256)s)
ORDER BY item, intended_at DESC
