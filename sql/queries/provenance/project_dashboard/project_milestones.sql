-- The milestones behind the cells of marts.project_dashboard.
-- grain: one row per milestone
-- columns: row_date (the same for all), row_id, contribution (to the cell of that column; null: none), user_id, source,
--     file_id, record_no
-- parameters: column, user_id (the project's owner), project_id, currency (the project's; null: any)
-- also by: currency
-- sum planned: planned money of milestones in the project's currency
-- sum actual: money released so far of milestones in the project's currency
-- count milestones: the milestones
-- count milestones_done: those that are done
-- count milestones_cancelled: those that are cancelled
-- count milestones_late: those that are open and due before as_of
-- count milestones_in_other_currencies: those with money in another currency than the project's
SELECT
    DATE '1970-01-01' AS row_date,
    milestone.milestone_id AS row_id,
    CASE %(column)s::text
        WHEN 'planned' THEN CASE WHEN milestone.currency = cell.currency THEN milestone.planned_amount END
        WHEN 'actual' THEN CASE WHEN milestone.currency = cell.currency THEN milestone.actual_amount END
        WHEN 'milestones' THEN 1
        WHEN 'milestones_done' THEN CASE WHEN milestone.status_category = 'done' THEN 1 END
        WHEN 'milestones_cancelled' THEN CASE WHEN milestone.status_category = 'cancelled' THEN 1 END
        WHEN 'milestones_late' THEN CASE
            WHEN milestone.due_on < cell.as_of AND milestone.status_category IN ('todo', 'in_progress') THEN 1
        END
        WHEN 'milestones_in_other_currencies' THEN CASE
            WHEN
                (milestone.planned_amount IS NOT NULL OR milestone.actual_amount IS NOT NULL)
                AND milestone.currency IS DISTINCT FROM 'XXX'
                AND milestone.currency IS DISTINCT FROM cell.currency
                THEN 1
        END
    END AS contribution,
    cell.user_id,
    milestone.source,
    milestone.file_id,
    milestone.record_no
FROM marts.project_dashboard AS cell
JOIN project_milestones AS milestone ON cell.project_id = milestone.project_id
WHERE
    cell.user_id = %(user_id)s::text
    AND (%(project_id)s::text IS NULL OR cell.project_id = %(project_id)s::text)
    AND (%(currency)s::text IS NULL OR cell.currency = %(currency)s::text)
