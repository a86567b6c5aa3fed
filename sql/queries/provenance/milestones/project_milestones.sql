-- The milestones behind the cells of marts.milestones.
-- grain: one row per milestone
-- columns: row_date (the same for all), row_id, contribution (to the cell of that column; null: none), user_id, source,
--     file_id, record_no
-- parameters: column, user_id (the project's owner), project_id, milestone_id, currency (null: any)
-- sum planned: the milestone's planned money
-- sum actual: the milestone's money released so far
-- copied name: the milestone's
-- copied status_category: the milestone's
-- copied due_on: the milestone's
-- copied release_date: the milestone's
SELECT
    DATE '1970-01-01' AS row_date,
    milestone.milestone_id AS row_id,
    CASE
        WHEN %(column)s::text = 'planned' THEN CASE WHEN cell.own_currency THEN milestone.planned_amount END
        WHEN %(column)s::text = 'actual' THEN CASE WHEN cell.own_currency THEN milestone.actual_amount END
        ELSE 1
    END AS contribution,
    cell.user_id,
    milestone.source,
    milestone.file_id,
    milestone.record_no
FROM marts.milestones AS cell
JOIN project_milestones AS milestone ON cell.milestone_id = milestone.milestone_id
WHERE
    cell.user_id = %(user_id)s::text
    AND (%(project_id)s::text IS NULL OR cell.project_id = %(project_id)s::text)
    AND (%(milestone_id)s::text IS NULL OR cell.milestone_id = %(milestone_id)s::text)
    AND (%(currency)s::text IS NULL OR cell.currency = %(currency)s::text)
