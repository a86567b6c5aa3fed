-- Takes an assignment back.
-- grain: one row deleted, or none; no columns come back
-- parameters: user_id (who looked), subject (at whose data)
DELETE FROM assignments
WHERE user_id = %(user_id)s AND subject_user_id = %(subject)s
