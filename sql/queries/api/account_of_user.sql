-- What is granted to a user now, when a session goes on.
-- grain: one row, or none where the user is gone
-- columns: role (granted), is_open (a password is set, and no status closes the account)
-- parameters: user_id
SELECT
    credentials.role,
    credentials.password_hash IS NOT NULL AND lower(users.status) NOT IN (
        'suspended', 'disabled', 'inactive', 'deactivated', 'locked', 'blocked', 'closed', 'deleted', 'archived'
    ) AS is_open
FROM users
JOIN credentials ON credentials.user_id = users.user_id
WHERE users.user_id = %(user_id)s
