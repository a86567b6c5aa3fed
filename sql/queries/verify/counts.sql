-- How many projects and milestones each user owns, for the verifier's own expectation of a dashboard.
-- grain: one row per user with a project
-- columns: user_id, projects, milestones, done, cancelled
SELECT
    projects.user_id, count(DISTINCT projects.project_id) AS projects, count(milestone.milestone_id) AS milestones,
    count(*) FILTER (WHERE milestone.status_category = 'done') AS done,
    count(*) FILTER (WHERE milestone.status_category = 'cancelled') AS cancelled
FROM projects
LEFT JOIN project_milestones AS milestone ON milestone.project_id = projects.project_id
GROUP BY projects.user_id
