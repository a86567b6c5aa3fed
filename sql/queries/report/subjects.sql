-- The roles that users have, and the users to whom something happened in a period.
-- grain: one row per role or user
-- columns: kind (role, user), name
-- parameters: first_day, last_day
SELECT DISTINCT 'role' AS kind, primary_pov_role AS name
FROM users
WHERE primary_pov_role IS NOT NULL
UNION ALL
SELECT DISTINCT 'user', daily_totals.user_id
FROM marts.daily_totals
JOIN users ON daily_totals.user_id = users.user_id
WHERE daily_totals.date BETWEEN %(first_day)s AND %(last_day)s
ORDER BY kind, name
