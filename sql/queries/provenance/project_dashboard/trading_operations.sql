-- The operations behind the cells of marts.project_dashboard: those linked through its milestones, whoever's they are.
-- grain: one row per operation
-- columns: row_date, row_id, contribution (to the cell of that column; null: none), user_id, source, file_id, record_no
-- parameters: column, user_id (the project's owner), project_id, currency (the project's; null: any)
-- also by: currency
-- count operations: the operations
-- count operations_in_other_currencies: those in another currency than the project's
-- sum income: amounts of income in the project's currency
-- sum expense: amounts of expenses in the project's currency
-- derived used from actual, expense: the larger of the two, which are two witnesses of the same money
-- derived utilisation from used, budget: used / budget, six places, halves rounded away from zero
-- derived as_of from: the day of the publish
SELECT
    operation.date AS row_date,
    operation.operation_id AS row_id,
    CASE %(column)s::text
        WHEN 'operations' THEN 1
        WHEN 'operations_in_other_currencies'
            THEN CASE WHEN operation.currency IS DISTINCT FROM cell.currency THEN 1 END
        WHEN 'income'
            THEN CASE WHEN operation.type = 'income' AND operation.currency = cell.currency THEN operation.amount END
        WHEN 'expense'
            THEN CASE WHEN operation.type = 'expense' AND operation.currency = cell.currency THEN operation.amount END
    END AS contribution,
    operation.user_id,
    operation.source,
    operation.file_id,
    operation.record_no
FROM marts.project_dashboard AS cell
JOIN project_milestones AS milestone ON cell.project_id = milestone.project_id
JOIN trading_operations AS operation ON milestone.milestone_id = operation.milestone_id
WHERE
    cell.user_id = %(user_id)s::text
    AND (%(project_id)s::text IS NULL OR cell.project_id = %(project_id)s::text)
    AND (%(currency)s::text IS NULL OR cell.currency = %(currency)s::text)
    AND operation.milestone_id IS NOT NULL
    AND operation.type IS NOT NULL
