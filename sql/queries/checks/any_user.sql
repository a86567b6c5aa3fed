-- One user, for whom there must be a dashboard.
-- grain: one row, or none in an empty database
-- columns: user_id
SELECT user_id FROM users ORDER BY user_id LIMIT 1
