-- Milestones that were due in a period, and those due before it that are late still.
-- grain: one row per milestone, the late ones first, the longest overdue before others
-- columns: user_id, project_id, project, milestone_id, name, status_category, due_on, late, days_late, currency,
--          planned, actual, over_plan, found, late_found (rows in all)
-- parameters: user_ids (array of text), first_day, last_day, limit
SELECT
    milestone.user_id, milestone.project_id, project.name AS project, milestone.milestone_id, milestone.name,
    milestone.status_category, milestone.due_on, milestone.late,
    CASE WHEN milestone.late THEN milestone.as_of - milestone.due_on END AS days_late,
    milestone.currency, milestone.planned, milestone.actual, milestone.over_plan, count(*) OVER () AS found,
    count(*) FILTER (WHERE milestone.late) OVER () AS late_found
FROM marts.milestones AS milestone
LEFT JOIN marts.project_dashboard AS project
    ON milestone.user_id = project.user_id AND milestone.project_id = project.project_id
WHERE
    milestone.user_id = ANY (%(user_ids)s::text[])
    AND milestone.own_currency
    AND milestone.due_on <= %(last_day)s
    AND (milestone.late OR milestone.due_on >= %(first_day)s)
ORDER BY milestone.late DESC, milestone.due_on, milestone.user_id, milestone.project_id, milestone.milestone_id
LIMIT %(limit)s
