-- Writes down how many of each user's rows a run takes back or replaces.
-- grain: none
-- parameters: generation
INSERT INTO changes (generation, user_id, table_name, published, superseded, first_day, last_day)
SELECT %(generation)s, user_id, table_name, 0, count(*), min(day), max(day)
FROM (
    SELECT user_id, 'trading_operations' AS table_name, date AS day
    FROM superseded_operations
    WHERE superseded_generation = %(generation)s
    UNION ALL
    SELECT coalesce(superseded_rows.row ->> 'user_id', projects.user_id), table_name, NULL
    FROM superseded_rows
    LEFT JOIN projects
        ON table_name = 'project_milestones' AND projects.project_id = superseded_rows.row ->> 'project_id'
    WHERE superseded_generation = %(generation)s
) AS gone
WHERE user_id IS NOT NULL
GROUP BY user_id, table_name
ON CONFLICT (generation, user_id, table_name) DO UPDATE
SET superseded = excluded.superseded,
    first_day = least(changes.first_day, excluded.first_day),
    last_day = greatest(changes.last_day, excluded.last_day)
