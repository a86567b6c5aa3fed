-- Every user there is.
-- grain: one row per user, in order
-- columns: user_id
SELECT user_id FROM users ORDER BY user_id
