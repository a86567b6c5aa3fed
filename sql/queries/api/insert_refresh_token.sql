-- Keeps the hash of a refresh token that was given, and forgets what of the same user has expired.
-- grain: one row written; no columns come back
-- parameters: token_sha256, session_id, user_id, expires_at
WITH forgotten AS (
    DELETE FROM refresh_tokens
    WHERE user_id = %(user_id)s AND expires_at < now()
)

INSERT INTO refresh_tokens (token_sha256, session_id, user_id, issued_at, expires_at)
VALUES (%(token_sha256)s, %(session_id)s, %(user_id)s, now(), %(expires_at)s)
