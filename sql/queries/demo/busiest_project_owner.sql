-- The user with the most projects.
-- grain: one row, or none without projects
-- columns: user_id
SELECT user_id FROM projects GROUP BY user_id ORDER BY count(*) DESC, user_id LIMIT 1
