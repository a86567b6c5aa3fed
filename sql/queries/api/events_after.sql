-- The publishes after a generation, oldest first, with all that they changed.
-- grain: one row per generation
-- columns: generation, committed_at, changes (JSON text: [user_id, table, published, superseded, first_day, last_day])
-- parameters: generation, size
SELECT
    generations.generation,
    generations.committed_at,
    (
        SELECT coalesce(
            json_agg(
                json_build_array(user_id, table_name, published, superseded, first_day, last_day)
                ORDER BY user_id, table_name
            ),
            '[]'
        )::text
        FROM changes
        WHERE changes.generation = generations.generation
    ) AS changes
FROM generations
WHERE generations.generation > %(generation)s
ORDER BY generations.generation
LIMIT %(size)s
