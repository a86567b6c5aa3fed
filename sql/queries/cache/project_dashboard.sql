-- What a user's dashboard shows, as one JSON document, all of one generation because it is one statement.
-- grain: one row per user asked for (known or not); no row before the first publish
-- columns: user_id, generation, run_id (the run that made the generation), document (JSON text)
-- parameters: user_ids (array of text)
-- Money is exact decimal text, by currency, never added up over currencies; XXX (no currency) is no money. Income and
-- expenses of the totals are those of the user's own operations; those of a project are the operations linked to it.
-- Projects (100, most used first), alerts (50, budgets first, then the longest overdue) and recent operations (10) are
-- bounded; `project_count` and `risk_alert_count` say how many there are.
WITH current_generation AS (
    SELECT generation, run_id, committed_at
    FROM generations
    ORDER BY generation DESC
    LIMIT 1
),

readers AS (
    SELECT DISTINCT unnest(%(user_ids)s::text[]) AS user_id
    -- All of them: it lets the planner expect a single one where it does not see the array. Else a plan for any array is
    -- expected to cost ten times as much as one for this array, and 60 months are planned again for every user.
    LIMIT cardinality(%(user_ids)s::text[])
)

SELECT
    readers.user_id,
    current_generation.generation,
    current_generation.run_id,
    json_build_object(
        'user_id', readers.user_id,
        'generation', current_generation.generation,
        'published_at', to_char(current_generation.committed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'totals', totals.items,
        'project_count', projects.found,
        'projects', projects.items,
        'milestones', milestones.counts,
        'recent_operations', operations.items,
        'risk_alert_count', alerts.found,
        'risk_alerts', alerts.items
    )::text AS document
FROM readers
CROSS JOIN current_generation
CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(shown ORDER BY shown.currency), '[]') AS items
    FROM (
        SELECT
            currency, sum(budget) AS budget, sum(used) AS used, sum(planned) AS planned, sum(released) AS released,
            sum(income) AS income, sum(expenses) AS expenses
        FROM (
            SELECT
                currency, coalesce(budget, 0) AS budget, CASE WHEN budget > 0 THEN used ELSE 0 END AS used,
                0 AS planned, 0 AS released, 0 AS income, 0 AS expenses
            FROM marts.project_dashboard
            WHERE user_id = readers.user_id
            UNION ALL
            SELECT currency, 0, 0, coalesce(planned, 0), coalesce(actual, 0), 0, 0
            FROM marts.milestones
            WHERE user_id = readers.user_id AND own_currency
            UNION ALL
            -- Summed up by itself first: this part has the most rows by far, and two of the six sums.
            SELECT
                currency, 0, 0, 0, 0, coalesce(sum(amount) FILTER (WHERE type = 'income'), 0),
                coalesce(sum(amount) FILTER (WHERE type = 'expense'), 0)
            FROM marts.daily_totals
            WHERE user_id = readers.user_id AND type <> ''
            GROUP BY currency
        ) AS parts
        WHERE currency NOT IN ('', 'XXX')
        GROUP BY currency
    ) AS by_currency
    CROSS JOIN LATERAL (
        SELECT
            currency,
            trim_scale(budget)::text AS budget,
            trim_scale(planned)::text AS planned,
            trim_scale(released)::text AS released,
            trim_scale(income)::text AS income,
            trim_scale(expenses)::text AS expenses,
            trim_scale(income - expenses)::text AS net,
            CASE WHEN by_currency.budget > 0 THEN trim_scale(round(used / by_currency.budget, 6))::text END
                AS utilisation
    ) AS shown
) AS totals
CROSS JOIN LATERAL (
    SELECT
        coalesce(max(found), 0) AS found,
        coalesce(
            json_agg(
                json_build_object(
                    'project_id', project_id,
                    'key', project_key,
                    'name', name,
                    'status', status,
                    'status_category', status_category,
                    'start_date', start_date,
                    'end_date', end_date,
                    'currency', currency,
                    'budget', trim_scale(budget)::text,
                    'planned', trim_scale(planned)::text,
                    'released', trim_scale(actual)::text,
                    'income', trim_scale(income)::text,
                    'expenses', trim_scale(expense)::text,
                    'used', trim_scale(used)::text,
                    'utilisation', trim_scale(utilisation)::text,
                    'milestones', milestones,
                    'milestones_done', milestones_done,
                    'milestones_cancelled', milestones_cancelled,
                    'milestones_late', milestones_late
                ) ORDER BY place
            ),
            '[]'
        ) AS items
    FROM (
        SELECT
            project_dashboard.*, count(*) OVER () AS found,
            row_number() OVER (ORDER BY utilisation DESC NULLS LAST, project_id) AS place
        FROM marts.project_dashboard
        WHERE user_id = readers.user_id
        ORDER BY place
        LIMIT 100
    ) AS listed
) AS projects
CROSS JOIN LATERAL (
    SELECT
        json_build_object(
            'total', count(*),
            'done', count(*) FILTER (WHERE status_category = 'done'),
            'cancelled', count(*) FILTER (WHERE status_category = 'cancelled'),
            'late', count(*) FILTER (WHERE late),
            'next_due', (
                SELECT
                    json_build_object(
                        'milestone_id', next_due.milestone_id, 'project_id', next_due.project_id,
                        'name', next_due.name, 'due_on', next_due.due_on
                    )
                FROM marts.milestones AS next_due
                WHERE
                    next_due.user_id = readers.user_id
                    AND next_due.own_currency
                    AND next_due.status_category IN ('todo', 'in_progress')
                    AND next_due.due_on >= next_due.as_of
                ORDER BY next_due.due_on, next_due.milestone_id
                LIMIT 1
            )
        ) AS counts
    FROM marts.milestones
    WHERE user_id = readers.user_id AND own_currency
) AS milestones
CROSS JOIN LATERAL (
    SELECT
        coalesce(
            json_agg(shown ORDER BY newest.date DESC, newest.transact_time DESC NULLS LAST, newest.operation_id), '[]'
        ) AS items
    FROM (
        SELECT
            operation_id, date, transact_time, type, category, amount, currency, side, symbol, milestone_id,
            description, source
        FROM trading_operations
        WHERE
            user_id = readers.user_id
            AND type IS NOT NULL
            -- The ten newest operations are among those of the ten newest days: the mart tells these days, so that only
            -- their partitions are opened.
            AND date >= (
                SELECT min(newest_days.date)
                FROM (
                    SELECT DISTINCT daily_totals.date
                    FROM marts.daily_totals
                    WHERE daily_totals.user_id = readers.user_id AND daily_totals.type <> ''
                    ORDER BY daily_totals.date DESC
                    LIMIT 10
                ) AS newest_days
            )
        ORDER BY date DESC, transact_time DESC NULLS LAST, operation_id
        LIMIT 10
    ) AS newest
    CROSS JOIN LATERAL (
        SELECT
            newest.operation_id,
            newest.date,
            to_char(newest.transact_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS transact_time,
            newest.type,
            newest.category,
            trim_scale(newest.amount)::text AS amount,
            newest.currency,
            newest.side,
            newest.symbol,
            newest.milestone_id,
            newest.description,
            newest.source
    ) AS shown
) AS operations
CROSS JOIN LATERAL (
    SELECT
        coalesce(max(found), 0) AS found,
        coalesce(
            json_agg(
                json_build_object(
                    'kind', kind,
                    'project_id', project_id,
                    'milestone_id', milestone_id,
                    'name', name,
                    'currency', currency,
                    'budget', trim_scale(budget)::text,
                    'used', trim_scale(used)::text,
                    'utilisation', trim_scale(utilisation)::text,
                    'due_on', due_on
                ) ORDER BY place
            ),
            '[]'
        ) AS items
    FROM (
        SELECT
            risks.*, count(*) OVER () AS found,
            row_number() OVER (ORDER BY urgency, utilisation DESC, due_on, project_id, milestone_id) AS place
        FROM (
            SELECT
                1 AS urgency, 'budget_over_80_percent' AS kind, project_id, NULL AS milestone_id, name, currency,
                budget, used, utilisation, NULL::date AS due_on
            FROM marts.project_dashboard
            WHERE user_id = readers.user_id AND utilisation > 0.8
            UNION ALL
            SELECT 2, 'milestone_late', project_id, milestone_id, name, NULL, NULL, NULL, NULL, due_on
            FROM marts.milestones
            WHERE user_id = readers.user_id AND own_currency AND late
        ) AS risks
        ORDER BY place
        LIMIT 50
    ) AS listed
) AS alerts
