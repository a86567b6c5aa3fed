-- How many rows each canonical table holds; rows that were only implied by others are no records and do not count.
-- grain: one row per table
-- columns: table_name, rows
SELECT 'users' AS table_name, count(*) AS rows FROM users WHERE status <> 'implied'
UNION ALL
SELECT 'user_accounts', count(*) FROM user_accounts
UNION ALL
SELECT 'projects', count(*) FROM projects WHERE status <> 'implied'
UNION ALL
SELECT 'project_milestones', count(*) FROM project_milestones
UNION ALL
SELECT 'trading_operations', count(*) FROM trading_operations
UNION ALL
SELECT 'frenly_ai_tasks', count(*) FROM frenly_ai_tasks
