-- Projects, planned against actual, as they stand in this generation.
-- grain: one row per project, most used first
-- columns: user_id, project_id, project_key, name, status_category, end_date, currency, budget, planned, actual, expense,
--          used, utilisation, milestones, milestones_done, milestones_late, found (rows in all)
-- parameters: user_ids (array of text), limit
SELECT
    user_id, project_id, project_key, name, status_category, end_date, currency, budget, planned, actual, expense, used,
    utilisation, milestones, milestones_done, milestones_late, count(*) OVER () AS found
FROM marts.project_dashboard
WHERE user_id = ANY (%(user_ids)s::text[])
ORDER BY utilisation DESC NULLS LAST, user_id, project_id
LIMIT %(limit)s
