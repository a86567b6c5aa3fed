-- Whether there is a user of whom a reader may see the data: an assigned one, or any one.
-- grain: one row
-- columns: may_see
-- parameters: viewer (who looks), subject (at whose data), any_user (whether the reader sees everybody)
SELECT
    EXISTS (SELECT FROM users WHERE user_id = %(subject)s)
    AND (
        %(any_user)s
        OR EXISTS (SELECT FROM assignments WHERE user_id = %(viewer)s AND subject_user_id = %(subject)s)
    ) AS may_see
