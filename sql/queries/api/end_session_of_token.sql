-- Ends the session that a refresh token is of.
-- grain: one row per token of that session that was not ended yet
-- columns: session_id, user_id
-- parameters: token_sha256
UPDATE refresh_tokens
SET revoked_at = now()
WHERE
    session_id = (SELECT of_it.session_id FROM refresh_tokens AS of_it WHERE of_it.token_sha256 = %(token_sha256)s)
    AND revoked_at IS NULL
RETURNING session_id, user_id
