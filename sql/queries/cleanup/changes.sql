-- What publishes changed long ago, of users who are under no hold.
-- grain: one row
-- columns: generation (the last one whose changes may go; null: none), changes (rows of it and of those before)
-- parameters: before (instant), kept (so many of the newest generations stay, however old)
WITH last AS (
    SELECT max(generation) AS generation
    FROM generations
    WHERE committed_at < %(before)s AND generation <= (SELECT max(generation) FROM generations) - %(kept)s
)
SELECT last.generation, count(changes.generation) AS changes
FROM last
LEFT JOIN changes
    ON changes.generation <= last.generation
    AND NOT EXISTS (
        SELECT 1
        FROM holds
        WHERE removed_at IS NULL AND (holds.user_id IS NULL OR holds.user_id = changes.user_id)
    )
GROUP BY last.generation
