-- Lets a user look at another one's data.
-- grain: one row written, or none where it stands already; no columns come back
-- parameters: user_id (who looks), subject (at whose data)
INSERT INTO assignments (user_id, subject_user_id, assigned_at)
VALUES (%(user_id)s, %(subject)s, now())
ON CONFLICT DO NOTHING
