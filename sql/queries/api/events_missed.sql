-- The publishes after a generation up to another, oldest first, with what they changed for some users, or for all.
-- grain: one row per generation
-- columns: generation, committed_at, changes (JSON text: [user_id, table, published, superseded, first_day, last_day])
-- parameters: generation, newest, user_ids (null: everybody), size
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
            AND (%(user_ids)s::text[] IS NULL OR user_id = ANY(%(user_ids)s::text[]))
    ) AS changes
FROM generations
WHERE generations.generation > %(generation)s AND generations.generation <= %(newest)s
ORDER BY generations.generation DESC
LIMIT %(size)s
