-- Invented projects for `nexus bench db`: two of each user.
-- grain: one row per project
-- columns: those of projects
-- parameters: users
SELECT
    'p' || n AS project_id, 'u' || (n >> 1) AS user_id, 'P' || n AS key, 'Project ' || n AS name, 'Open' AS status,
    'in_progress' AS status_category, 1000000 + n AS total_budget, 'EUR' AS currency, DATE '2020-01-01' AS start_date,
    DATE '2025-12-31' AS end_date, 'nexus' AS source, md5('projects')::uuid AS file_id, n + 1 AS record_no, n AS row_fp
FROM generate_series(0, 2 * %(users)s::bigint - 1) AS n
