-- Uses a refresh token up: of several requests with it, one gets the row.
-- grain: one row, or none where it is unknown, expired, used or ended
-- columns: session_id, user_id, expires_at
-- parameters: token_sha256
UPDATE refresh_tokens
SET used_at = now()
WHERE token_sha256 = %(token_sha256)s AND used_at IS NULL AND revoked_at IS NULL AND expires_at > now()
RETURNING session_id, user_id, expires_at
