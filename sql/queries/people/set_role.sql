-- Grants a user a role, or takes it back.
-- grain: one row written; no columns come back
-- parameters: user_id, role (null: none)
INSERT INTO credentials (user_id, role, changed_at)
VALUES (%(user_id)s, %(role)s, now())
ON CONFLICT (user_id) DO UPDATE SET role = excluded.role, changed_at = excluded.changed_at
