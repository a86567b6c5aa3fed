-- Ends every session of a user.
-- grain: one row written per refresh token that was not ended yet; no columns come back
-- parameters: user_id
UPDATE refresh_tokens
SET revoked_at = now()
WHERE user_id = %(user_id)s AND revoked_at IS NULL
