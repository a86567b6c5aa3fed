-- Whose data users were assigned to look at.
-- grain: one row per user and assignment
-- columns: user_id, subject_user_id
-- parameters: user_ids (text[])
SELECT user_id, subject_user_id FROM assignments WHERE user_id = ANY(%(user_ids)s::text[])
