-- Milestones planned against actual, with the operations that name them, whoever's operations these are.
-- A milestone has a row for its own currency and one for each other currency that its operations moved, so that money
-- of two currencies is never added up. planned, actual and over_plan stand in the row of its own currency only; where
-- that is XXX (no currency) they are estimates such as story points, not money.
-- grain: one row per milestone and currency
-- key: user_id, project_id, milestone_id, currency
-- refresh: full
-- column user_id: the project's owner; empty when the project is not known
-- column project_id: the project
-- column milestone_id: the milestone
-- column currency: ISO 4217, or crypto:CODE; empty in the own row of a milestone that names no currency
-- column name: the milestone's name
-- column status_category: todo, in_progress, done or cancelled
-- column due_on: when it is due
-- column release_date: when its money is released
-- column late: open and due before as_of
-- column as_of: the day that late was judged on
-- column own_currency: whether this is the row of the milestone's own currency: each milestone has one such row
-- column planned: planned money
-- column actual: money released so far, as the source says
-- column over_plan: actual less planned; null unless both are given
-- column operations: operations linked to it in this currency
-- column income: what they brought in
-- column expense: what they cost
WITH linked AS (
    SELECT
        milestone_id,
        currency,
        count(*) AS operations,
        sum(amount) FILTER (WHERE type = 'income') AS income,
        sum(amount) FILTER (WHERE type = 'expense') AS expense
    FROM trading_operations
    WHERE milestone_id IS NOT NULL AND type IS NOT NULL
    GROUP BY milestone_id, currency
),

places AS (
    SELECT milestone_id, coalesce(currency, '') AS currency FROM project_milestones
    UNION
    SELECT milestone_id, currency FROM linked
)

SELECT
    coalesce(projects.user_id, '') AS user_id,
    milestone.project_id,
    milestone.milestone_id,
    places.currency,
    milestone.name,
    milestone.status_category,
    milestone.due_on,
    milestone.release_date,
    coalesce(milestone.due_on < getvariable('as_of'), false)
        AND milestone.status_category IN ('todo', 'in_progress') AS late,
    getvariable('as_of') AS as_of,
    places.currency = coalesce(milestone.currency, '') AS own_currency,
    CASE WHEN own_currency THEN milestone.planned_amount END AS planned,
    CASE WHEN own_currency THEN milestone.actual_amount END AS actual,
    CASE WHEN own_currency
        THEN CAST(milestone.actual_amount - milestone.planned_amount AS DECIMAL(38, 18))
    END AS over_plan,
    coalesce(linked.operations, 0) AS operations,
    coalesce(linked.income, 0) AS income,
    coalesce(linked.expense, 0) AS expense
FROM places
INNER JOIN project_milestones AS milestone ON places.milestone_id = milestone.milestone_id
LEFT JOIN projects ON milestone.project_id = projects.project_id
LEFT JOIN linked ON places.milestone_id = linked.milestone_id AND places.currency = linked.currency
