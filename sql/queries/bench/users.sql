-- Invented users for `nexus bench db`.
-- grain: one row per user
-- columns: those of users
-- parameters: users
SELECT
    'u' || n AS user_id, 'user' || n || '@example.org' AS email, 'User ' || n AS display_name,
    CASE n %% 3 WHEN 0 THEN 'auditor' WHEN 1 THEN 'executive' ELSE 'judge' END AS primary_pov_role,
    'active' AS status, 'nexus' AS source, md5('users')::uuid AS file_id, n + 1 AS record_no, n AS row_fp
FROM generate_series(0, %(users)s::bigint - 1) AS n
