-- Keeps the same password's newer hash, unless the password was changed meanwhile.
-- grain: none
-- parameters: user_id, before (the hash that was verified), after
UPDATE credentials
SET password_hash = %(after)s
WHERE user_id = %(user_id)s AND password_hash = %(before)s
