-- The mart milestones as Postgres itself adds it up from the published rows, for the verifier. Lateness is judged on the
-- day that the mart names.
-- grain and columns: those of sql/marts/milestones.sql
WITH judged_on AS (
    SELECT max(as_of) AS day FROM marts.milestones
),
moved AS (
    SELECT
        milestone_id, currency, count(*) AS operations,
        sum(CASE type WHEN 'income' THEN amount ELSE 0 END) AS income,
        sum(CASE type WHEN 'expense' THEN amount ELSE 0 END) AS expense
    FROM trading_operations
    WHERE milestone_id IS NOT NULL AND type IS NOT NULL
    GROUP BY milestone_id, currency
),
own AS (
    SELECT
        milestone.*, coalesce(milestone.currency, '') AS place,
        coalesce((SELECT projects.user_id FROM projects WHERE projects.project_id = milestone.project_id), '') AS owner
    FROM project_milestones AS milestone
),
rows_of AS (
    SELECT own.milestone_id, own.place AS currency FROM own
    UNION
    SELECT moved.milestone_id, moved.currency FROM moved JOIN own ON own.milestone_id = moved.milestone_id
)
SELECT
    own.owner AS user_id, own.project_id, own.milestone_id, rows_of.currency, own.name, own.status_category,
    own.due_on, own.release_date,
    own.due_on IS NOT NULL AND own.due_on < judged_on.day AND own.status_category IN ('todo', 'in_progress') AS late,
    judged_on.day AS as_of,
    rows_of.currency = own.place AS own_currency,
    CASE WHEN rows_of.currency = own.place THEN own.planned_amount END AS planned,
    CASE WHEN rows_of.currency = own.place THEN own.actual_amount END AS actual,
    CASE WHEN rows_of.currency = own.place THEN own.actual_amount - own.planned_amount END AS over_plan,
    coalesce(moved.operations, 0) AS operations, coalesce(moved.income, 0) AS income,
    coalesce(moved.expense, 0) AS expense
FROM rows_of
CROSS JOIN judged_on
JOIN own ON own.milestone_id = rows_of.milestone_id
LEFT JOIN moved ON moved.milestone_id = rows_of.milestone_id AND moved.currency = rows_of.currency
