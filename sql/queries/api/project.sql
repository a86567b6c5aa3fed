-- One project of a user with what the marts know of it, as of the current generation because it is one statement.
-- grain: one row; document is null when there is no such project of that user
-- columns: generation, run_id, document (JSON text)
-- parameters: user_id, project_id
-- by_currency: its milestones and the operations linked to them in every currency, never added up over currencies.
WITH newest AS (
    SELECT generation, run_id
    FROM generations
    ORDER BY generation DESC
    LIMIT 1
),
by_currency AS (
    SELECT currency, sum(planned) AS planned, sum(actual) AS released, sum(income) AS income, sum(expense) AS expenses,
           sum(operations)::bigint AS operations
    FROM marts.milestones
    WHERE user_id = %(user_id)s AND project_id = %(project_id)s AND currency NOT IN ('', 'XXX')
    GROUP BY currency
),
project AS (
    SELECT
        json_build_object(
            'project_id', kept.project_id,
            'key', kept.key,
            'name', kept.name,
            'description', kept.description,
            'status', kept.status,
            'status_category', kept.status_category,
            'start_date', kept.start_date,
            'end_date', kept.end_date,
            'created_at', to_char(kept.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'updated_at', to_char(kept.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'currency', mart.currency,
            'budget', trim_scale(mart.budget)::text,
            'planned', trim_scale(mart.planned)::text,
            'released', trim_scale(mart.actual)::text,
            'income', trim_scale(mart.income)::text,
            'expenses', trim_scale(mart.expense)::text,
            'net', trim_scale(mart.income - mart.expense)::text,
            'used', trim_scale(mart.used)::text,
            'utilisation', trim_scale(mart.utilisation)::text,
            'over_80_percent', coalesce(mart.utilisation > 0.8, FALSE),
            'operations', mart.operations,
            'operations_in_other_currencies', mart.operations_in_other_currencies,
            'milestones', mart.milestones,
            'milestones_done', mart.milestones_done,
            'milestones_cancelled', mart.milestones_cancelled,
            'milestones_late', mart.milestones_late,
            'by_currency', (
                SELECT
                    coalesce(
                        json_agg(
                            json_build_object(
                                'currency', currency,
                                'planned', trim_scale(coalesce(planned, 0))::text,
                                'released', trim_scale(coalesce(released, 0))::text,
                                'income', trim_scale(income)::text,
                                'expenses', trim_scale(expenses)::text,
                                'operations', operations
                            ) ORDER BY currency
                        ),
                        '[]'
                    )
                FROM by_currency
            ),
            'source', kept.source,
            'file_id', kept.file_id,
            'record_no', kept.record_no
        ) AS document
    FROM marts.project_dashboard AS mart
    JOIN projects AS kept ON kept.project_id = mart.project_id
    WHERE mart.user_id = %(user_id)s AND mart.project_id = %(project_id)s
)
SELECT newest.generation, newest.run_id,
       CASE WHEN project.document IS NOT NULL THEN
           json_build_object(
               'user_id', %(user_id)s::text, 'generation', newest.generation, 'project', project.document
           )::text
       END AS document
FROM newest
LEFT JOIN project ON TRUE
