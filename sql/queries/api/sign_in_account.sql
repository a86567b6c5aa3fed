-- The account that an email opens. A status by which a source closes an account closes it here.
-- grain: one row, or none where nobody has that email or nothing was decided about its user
-- columns: user_id, password_hash (null: no password opens it), role (granted), is_open
-- parameters: email
SELECT
    users.user_id,
    credentials.password_hash,
    credentials.role,
    lower(users.status) NOT IN (
        'suspended', 'disabled', 'inactive', 'deactivated', 'locked', 'blocked', 'closed', 'deleted', 'archived'
    ) AS is_open
FROM users
JOIN credentials ON credentials.user_id = users.user_id
WHERE lower(users.email) = lower(%(email)s)
