-- Keeps a user's password hash, or takes it away.
-- grain: one row written; no columns come back
-- parameters: user_id, password_hash (null: none)
INSERT INTO credentials (user_id, password_hash, changed_at)
VALUES (%(user_id)s, %(password_hash)s, now())
ON CONFLICT (user_id) DO UPDATE SET password_hash = excluded.password_hash, changed_at = excluded.changed_at
