-- The sessions that were ended so lately that access tokens of theirs may still be about.
-- grain: one row per session
-- columns: session_id
-- parameters: seconds (how long an access token lives)
SELECT DISTINCT session_id
FROM refresh_tokens
WHERE revoked_at > now() - make_interval(secs => %(seconds)s)
ORDER BY session_id
