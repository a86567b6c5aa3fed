-- Ends a session.
-- grain: one row per token of it that was not ended yet
-- columns: session_id, user_id
-- parameters: session_id, user_id (whose it must be)
UPDATE refresh_tokens
SET revoked_at = now()
WHERE session_id = %(session_id)s AND user_id = %(user_id)s AND revoked_at IS NULL
RETURNING session_id, user_id
