-- The projects behind the cells of marts.project_dashboard.
-- grain: one row per project
-- columns: row_date (the same for all), row_id, contribution (to the cell of that column; null: none), user_id, source,
--     file_id, record_no
-- parameters: column, user_id (the project's owner), project_id, currency (the project's; null: any)
-- also by: currency
-- sum budget: the project's budget
-- copied project_key: the project's
-- copied name: the project's
-- copied status: the project's
-- copied status_category: the project's
-- copied start_date: the project's
-- copied end_date: the project's
-- copied currency: the project's; where it names none, the one that all its milestones with money share
SELECT
    DATE '1970-01-01' AS row_date,
    project.project_id AS row_id,
    CASE %(column)s::text WHEN 'budget' THEN cell.budget ELSE 1 END AS contribution,
    project.user_id,
    project.source,
    project.file_id,
    project.record_no
FROM marts.project_dashboard AS cell
JOIN projects AS project ON cell.project_id = project.project_id
WHERE
    cell.user_id = %(user_id)s::text
    AND (%(project_id)s::text IS NULL OR cell.project_id = %(project_id)s::text)
    AND (%(currency)s::text IS NULL OR cell.currency = %(currency)s::text)
