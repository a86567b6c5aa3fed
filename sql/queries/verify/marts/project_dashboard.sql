-- The mart project_dashboard as Postgres itself adds it up from the published rows, for the verifier. Lateness is judged
-- on the day that the mart names.
-- grain and columns: those of sql/marts/project_dashboard.sql
WITH judged_on AS (
    SELECT max(as_of) AS day FROM marts.project_dashboard
),
priced AS (
    SELECT
        project.*,
        CASE
            WHEN project.currency IS NOT NULL AND project.currency <> 'XXX' THEN project.currency
            ELSE (
                SELECT CASE WHEN min(m.currency) = max(m.currency) THEN min(m.currency) END
                FROM project_milestones AS m
                WHERE
                    m.project_id = project.project_id AND m.currency <> 'XXX'
                    AND (m.planned_amount IS NOT NULL OR m.actual_amount IS NOT NULL)
            )
        END AS own_currency,
        CASE WHEN project.currency IS DISTINCT FROM 'XXX' THEN project.total_budget END AS own_budget
    FROM projects AS project
),
plans AS (
    SELECT
        priced.project_id,
        sum(CASE WHEN m.currency = priced.own_currency THEN coalesce(m.planned_amount, 0) ELSE 0 END) AS planned,
        sum(CASE WHEN m.currency = priced.own_currency THEN coalesce(m.actual_amount, 0) ELSE 0 END) AS actual,
        count(m.milestone_id) AS milestones,
        sum(CASE WHEN m.status_category = 'done' THEN 1 ELSE 0 END) AS done,
        sum(CASE WHEN m.status_category = 'cancelled' THEN 1 ELSE 0 END) AS cancelled,
        sum(CASE WHEN m.due_on < judged_on.day AND m.status_category IN ('todo', 'in_progress') THEN 1 ELSE 0 END) AS late,
        sum(
            CASE
                WHEN (m.planned_amount IS NOT NULL OR m.actual_amount IS NOT NULL)
                    AND m.currency IS DISTINCT FROM 'XXX' AND m.currency IS DISTINCT FROM priced.own_currency THEN 1
                ELSE 0
            END
        ) AS elsewhere
    FROM priced
    CROSS JOIN judged_on
    LEFT JOIN project_milestones AS m ON m.project_id = priced.project_id
    GROUP BY priced.project_id
),
moved AS (
    SELECT
        m.project_id, operation.currency, count(*) AS operations,
        sum(CASE operation.type WHEN 'income' THEN operation.amount ELSE 0 END) AS income,
        sum(CASE operation.type WHEN 'expense' THEN operation.amount ELSE 0 END) AS expense
    FROM trading_operations AS operation
    JOIN project_milestones AS m ON m.milestone_id = operation.milestone_id
    WHERE operation.type IS NOT NULL
    GROUP BY m.project_id, operation.currency
),
linked AS (
    SELECT
        priced.project_id, coalesce(sum(moved.operations), 0) AS operations,
        coalesce(sum(moved.operations) FILTER (WHERE moved.currency IS DISTINCT FROM priced.own_currency), 0) AS elsewhere,
        coalesce(sum(moved.income) FILTER (WHERE moved.currency = priced.own_currency), 0) AS income,
        coalesce(sum(moved.expense) FILTER (WHERE moved.currency = priced.own_currency), 0) AS expense
    FROM priced
    LEFT JOIN moved ON moved.project_id = priced.project_id
    GROUP BY priced.project_id
)
SELECT
    priced.user_id, priced.project_id, priced.key AS project_key, priced.name, priced.status, priced.status_category,
    priced.start_date, priced.end_date, priced.own_currency AS currency, priced.own_budget AS budget,
    plans.planned, plans.actual, linked.operations, linked.elsewhere AS operations_in_other_currencies,
    linked.income, linked.expense, greatest(plans.actual, linked.expense) AS used,
    CASE WHEN priced.own_budget > 0 THEN round(greatest(plans.actual, linked.expense) / priced.own_budget, 6) END
        AS utilisation,
    plans.milestones, plans.done AS milestones_done, plans.cancelled AS milestones_cancelled,
    plans.late AS milestones_late, plans.elsewhere AS milestones_in_other_currencies, judged_on.day AS as_of
FROM priced
CROSS JOIN judged_on
JOIN plans ON plans.project_id = priced.project_id
JOIN linked ON linked.project_id = priced.project_id
