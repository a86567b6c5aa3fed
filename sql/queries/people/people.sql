-- Users and what was decided about them: whether they may sign in, the granted role, whose data they may look at.
-- grain: one row per user
-- columns: user_id, email, display_name, status, primary_pov_role, role, may_sign_in, changed_at, assigned (user ids)
-- parameters: name (an email or an id; null: everybody), decided (only those of whom anything was decided)
SELECT
    users.user_id,
    users.email,
    users.display_name,
    users.status,
    users.primary_pov_role,
    credentials.role,
    credentials.password_hash IS NOT NULL AS may_sign_in,
    credentials.changed_at,
    ARRAY(
        SELECT assignments.subject_user_id
        FROM assignments
        WHERE assignments.user_id = users.user_id
        ORDER BY assignments.subject_user_id
    ) AS assigned
FROM users
LEFT JOIN credentials ON credentials.user_id = users.user_id
WHERE
    (%(name)s::text IS NULL OR users.user_id = %(name)s OR lower(users.email) = lower(%(name)s))
    AND (
        NOT %(decided)s
        OR credentials.user_id IS NOT NULL
        OR EXISTS (SELECT FROM assignments WHERE assignments.user_id = users.user_id)
    )
ORDER BY users.user_id
