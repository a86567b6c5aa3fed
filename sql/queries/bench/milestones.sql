-- Invented milestones for `nexus bench db`: five of each project, ten of each user.
-- grain: one row per milestone
-- columns: those of project_milestones
-- parameters: users
SELECT
    'm' || n AS milestone_id, 'p' || div(n, 5) AS project_id, 'Step ' || n AS name, 100000 + n %% 1000 AS planned_amount,
    CASE WHEN n %% 2 = 0 THEN 90000 + n %% 30000 END AS actual_amount, 'EUR' AS currency,
    DATE '2024-01-01' + (n %% 700)::int AS due_on, CASE WHEN n %% 2 = 0 THEN 'Done' ELSE 'Open' END AS status,
    CASE WHEN n %% 2 = 0 THEN 'done' ELSE 'todo' END AS status_category,
    'nexus' AS source, md5('milestones')::uuid AS file_id, n + 1 AS record_no, n AS row_fp
FROM generate_series(0, 10 * %(users)s::bigint - 1) AS n
