-- Whose data a user was assigned to look at.
-- grain: one row per user
-- columns: subject_user_id
-- parameters: user_id
SELECT subject_user_id FROM assignments WHERE user_id = %(user_id)s
