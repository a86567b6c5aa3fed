-- Rows enough of every small table that Postgres prefers an index where there is one.
INSERT INTO users (user_id, email, primary_pov_role, status, source, file_id, record_no, row_fp)
SELECT 'u' || n, 'Someone' || n || '@Example.org',
       CASE WHEN n % 100 = 0 THEN 'judge' WHEN n % 3 = 0 THEN 'auditor' ELSE 'executive' END,
       'active', 'nexus', md5('f')::uuid, n, n
FROM generate_series(1, 5000) AS n;

INSERT INTO projects (project_id, user_id, name, status, status_category, source, file_id, record_no, row_fp)
SELECT 'p' || n, 'u' || n % 900, 'Project', 'Open', 'todo', 'nexus', md5('f')::uuid, n, n
FROM generate_series(1, 5000) AS n;

INSERT INTO project_milestones
    (milestone_id, project_id, name, status, status_category, source, file_id, record_no, row_fp)
SELECT 'm' || n, 'p' || n % 900, 'Step', 'Open', 'todo', 'nexus', md5('f')::uuid, n, n
FROM generate_series(1, 5000) AS n;

INSERT INTO frenly_ai_tasks (task_id, user_id, type, status, created_at, source, file_id, record_no, row_fp)
SELECT 't' || n, 'u' || n % 300, 'cleanup_old_data',
       CASE WHEN n % 50 = 0 THEN 'running' WHEN n % 70 = 0 THEN 'failed' ELSE 'completed' END,
       timestamptz '2024-01-01 00:00Z' + n * interval '1 minute', 'nexus', md5('f')::uuid, n, n
FROM generate_series(1, 20000) AS n;
