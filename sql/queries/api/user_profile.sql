-- What a user's own page shows of the user.
-- grain: one row, or none before the first publish
-- columns: generation, run_id, email, display_name, primary_pov_role (the last three null where no file tells of the user)
-- parameters: user_id
SELECT newest.generation, newest.run_id, users.email, users.display_name, users.primary_pov_role
FROM (SELECT generation, run_id FROM generations ORDER BY generation DESC LIMIT 1) AS newest
LEFT JOIN users ON users.user_id = %(user_id)s
