-- A page of a project's milestones, those due first first, as of the current generation because it is one statement.
-- grain: one row per milestone, `size` at most; one row without a milestone when there is none on that page
-- columns: generation, run_id, total (how many the project has, all pages and any status; null: the user has no such
--     project), due_on, milestone_id, document (JSON text)
-- parameters: user_id, project_id, size, skip (milestones to leave out); status_category (null: any); after_id,
--     after_due (of the last milestone of the page before; null: the first page; after_due infinity: it had no date)
-- Milestones without a date come last. Money is in the milestone's own currency; XXX are estimates, no money.
WITH newest AS (
    SELECT generation, run_id
    FROM generations
    ORDER BY generation DESC
    LIMIT 1
),
project AS (
    SELECT milestones AS total
    FROM marts.project_dashboard
    WHERE user_id = %(user_id)s AND project_id = %(project_id)s
),
page AS (
    SELECT *
    FROM marts.milestones
    WHERE user_id = %(user_id)s AND project_id = %(project_id)s AND own_currency
      AND (%(status_category)s::text IS NULL OR status_category = %(status_category)s)
      AND (%(after_id)s::text IS NULL
           OR (coalesce(due_on, 'infinity'), milestone_id) > (%(after_due)s::date, %(after_id)s))
    ORDER BY coalesce(due_on, 'infinity'), milestone_id
    LIMIT %(size)s OFFSET %(skip)s
)
SELECT newest.generation, newest.run_id, project.total, page.due_on, page.milestone_id,
       json_build_object(
           'milestone_id', page.milestone_id,
           'name', page.name,
           'description', kept.description,
           'status', kept.status,
           'status_category', page.status_category,
           'due_on', page.due_on,
           'release_date', page.release_date,
           'closed_at', to_char(kept.closed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
           'late', page.late,
           'currency', nullif(page.currency, ''),
           'planned', trim_scale(page.planned)::text,
           'released', trim_scale(page.actual)::text,
           'over_plan', trim_scale(page.over_plan)::text,
           'income', trim_scale(page.income)::text,
           'expenses', trim_scale(page.expense)::text,
           'operations', page.operations,
           'source', kept.source,
           'file_id', kept.file_id,
           'record_no', kept.record_no
       )::text AS document
FROM newest
LEFT JOIN project ON TRUE
LEFT JOIN page ON TRUE
LEFT JOIN project_milestones AS kept ON kept.milestone_id = page.milestone_id
ORDER BY coalesce(page.due_on, 'infinity'), page.milestone_id
