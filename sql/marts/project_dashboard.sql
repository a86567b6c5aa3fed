-- Each project's budget against what was planned, released and moved by the operations linked to its milestones.
-- Only amounts in the project's own currency are in the sums; what is in another currency is counted, not converted
-- (sums by currency: the mart milestones). Estimates in XXX (no currency) are no money and are nowhere in here.
-- grain: one row per project
-- key: user_id, project_id
-- refresh: full
-- column user_id: the project's owner
-- column project_id: the project
-- column project_key: the short key people use
-- column name: its name
-- column status: as the source gives it
-- column status_category: todo, in_progress, done or cancelled
-- column start_date: first day
-- column end_date: last day, as planned or forecast
-- column currency: the project's; where it names none, the one that all its milestones with money share; else null
-- column budget: the budget
-- column planned: planned amounts of its milestones
-- column actual: money released so far, as the source says
-- column operations: operations linked through its milestones, in any currency
-- column operations_in_other_currencies: how many of these are not in income and expense
-- column income: what they brought in
-- column expense: what they cost
-- column used: the larger of actual and expense: two witnesses of the same money, so they are not added up
-- column utilisation: used / budget, six places, halves rounded away from zero; null without a budget
-- column milestones: how many
-- column milestones_done: how many are done
-- column milestones_cancelled: how many are cancelled
-- column milestones_late: how many are open and due before as_of
-- column milestones_in_other_currencies: how many have money that is not in planned and actual
-- column as_of: the day that lateness was judged on
WITH money_milestones AS (
    SELECT project_id, currency
    FROM project_milestones
    WHERE currency <> 'XXX' AND (planned_amount IS NOT NULL OR actual_amount IS NOT NULL)
),

currencies AS (
    SELECT
        projects.project_id,
        coalesce(
            nullif(projects.currency, 'XXX'),
            CASE WHEN count(DISTINCT money_milestones.currency) = 1 THEN min(money_milestones.currency) END
        ) AS currency
    FROM projects
    LEFT JOIN money_milestones ON projects.project_id = money_milestones.project_id
    GROUP BY projects.project_id, projects.currency
),

plans AS (
    SELECT
        milestone.project_id,
        coalesce(sum(milestone.planned_amount) FILTER (WHERE milestone.currency = currencies.currency), 0) AS planned,
        coalesce(sum(milestone.actual_amount) FILTER (WHERE milestone.currency = currencies.currency), 0) AS actual,
        count(*) AS milestones,
        count(*) FILTER (WHERE milestone.status_category = 'done') AS milestones_done,
        count(*) FILTER (WHERE milestone.status_category = 'cancelled') AS milestones_cancelled,
        count(*) FILTER (
            WHERE milestone.due_on < getvariable('as_of') AND milestone.status_category IN ('todo', 'in_progress')
        ) AS milestones_late,
        count(*) FILTER (
            WHERE
                (milestone.planned_amount IS NOT NULL OR milestone.actual_amount IS NOT NULL)
                AND milestone.currency IS DISTINCT FROM 'XXX'
                AND milestone.currency IS DISTINCT FROM currencies.currency
        ) AS milestones_in_other_currencies
    FROM project_milestones AS milestone
    INNER JOIN currencies ON milestone.project_id = currencies.project_id
    GROUP BY milestone.project_id
),

linked AS (
    SELECT
        milestone.project_id,
        count(*) AS operations,
        count(*) FILTER (WHERE operation.currency IS DISTINCT FROM currencies.currency)
            AS operations_in_other_currencies,
        coalesce(
            sum(operation.amount) FILTER (WHERE operation.type = 'income' AND operation.currency = currencies.currency),
            0
        ) AS income,
        coalesce(
            sum(operation.amount)
                FILTER (WHERE operation.type = 'expense' AND operation.currency = currencies.currency),
            0
        ) AS expense
    FROM trading_operations AS operation
    INNER JOIN project_milestones AS milestone ON operation.milestone_id = milestone.milestone_id
    INNER JOIN currencies ON milestone.project_id = currencies.project_id
    WHERE operation.type IS NOT NULL
    GROUP BY milestone.project_id
),

money AS (
    SELECT
        projects.project_id,
        currencies.currency,
        CASE WHEN projects.currency IS DISTINCT FROM 'XXX' THEN projects.total_budget END AS budget,
        coalesce(plans.planned, 0) AS planned,
        coalesce(plans.actual, 0) AS actual,
        coalesce(linked.operations, 0) AS operations,
        coalesce(linked.operations_in_other_currencies, 0) AS operations_in_other_currencies,
        coalesce(linked.income, 0) AS income,
        coalesce(linked.expense, 0) AS expense,
        greatest(coalesce(plans.actual, 0), coalesce(linked.expense, 0)) AS used,
        coalesce(plans.milestones, 0) AS milestones,
        coalesce(plans.milestones_done, 0) AS milestones_done,
        coalesce(plans.milestones_cancelled, 0) AS milestones_cancelled,
        coalesce(plans.milestones_late, 0) AS milestones_late,
        coalesce(plans.milestones_in_other_currencies, 0) AS milestones_in_other_currencies
    FROM projects
    INNER JOIN currencies ON projects.project_id = currencies.project_id
    LEFT JOIN plans ON projects.project_id = plans.project_id
    LEFT JOIN linked ON projects.project_id = linked.project_id
)

SELECT
    projects.user_id,
    projects.project_id,
    projects.key AS project_key,
    projects.name,
    projects.status,
    projects.status_category,
    projects.start_date,
    projects.end_date,
    money.currency,
    money.budget,
    money.planned,
    money.actual,
    money.operations,
    money.operations_in_other_currencies,
    money.income,
    money.expense,
    money.used,
    ratio(money.used, money.budget) AS utilisation,
    money.milestones,
    money.milestones_done,
    money.milestones_cancelled,
    money.milestones_late,
    money.milestones_in_other_currencies,
    getvariable('as_of') AS as_of
FROM projects
INNER JOIN money ON projects.project_id = money.project_id
