-- Whom a report is of: one user, or all users of a role.
-- grain: one row per user
-- columns: user_id, display_name, role
-- parameters: user_id, role (one of them null)
SELECT user_id, display_name, primary_pov_role AS role
FROM users
WHERE user_id = %(user_id)s::text OR primary_pov_role = %(role)s::text
ORDER BY user_id
