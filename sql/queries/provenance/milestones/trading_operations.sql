-- The operations behind the cells of marts.milestones: those that name the milestone, whoever's they are.
-- grain: one row per operation
-- columns: row_date, row_id, contribution (to the cell of that column; null: none), user_id, source, file_id, record_no
-- parameters: column, user_id (the project's owner), project_id, milestone_id, currency (null: any)
-- count operations: the operations
-- sum income: amounts of income
-- sum expense: amounts of expenses
-- derived own_currency from currency: whether it is the milestone's own
-- derived over_plan from actual, planned: actual less planned, where both are given
-- derived late from due_on, status_category, as_of: open and due before as_of
-- derived as_of from: the day of the publish
SELECT
    operation.date AS row_date,
    operation.operation_id AS row_id,
    CASE %(column)s::text
        WHEN 'operations' THEN 1
        WHEN 'income' THEN CASE WHEN operation.type = 'income' THEN operation.amount END
        WHEN 'expense' THEN CASE WHEN operation.type = 'expense' THEN operation.amount END
    END AS contribution,
    operation.user_id,
    operation.source,
    operation.file_id,
    operation.record_no
FROM marts.milestones AS cell
JOIN trading_operations AS operation
    ON cell.milestone_id = operation.milestone_id AND cell.currency = operation.currency
WHERE
    cell.user_id = %(user_id)s::text
    AND (%(project_id)s::text IS NULL OR cell.project_id = %(project_id)s::text)
    AND (%(milestone_id)s::text IS NULL OR cell.milestone_id = %(milestone_id)s::text)
    AND (%(currency)s::text IS NULL OR cell.currency = %(currency)s::text)
    AND operation.milestone_id IS NOT NULL
    AND operation.type IS NOT NULL
