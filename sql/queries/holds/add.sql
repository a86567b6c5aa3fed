-- Add a hold under the next number; the caller holds the table's lock, so that no two get the same.
-- grain: one row
-- columns: hold_id
-- parameters: user_id, source, file_id, first_date, last_date, reason, made_by
INSERT INTO holds (hold_id, user_id, source, file_id, first_date, last_date, reason, made_by, made_at)
SELECT coalesce(max(hold_id), 0) + 1, %(user_id)s, %(source)s, %(file_id)s::uuid, %(first_date)s::date,
       %(last_date)s::date, %(reason)s, %(made_by)s, now()
FROM holds
RETURNING hold_id
