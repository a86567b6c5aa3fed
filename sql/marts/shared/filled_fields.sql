-- How many of the optional fields the rows of each file fill, and of which days they tell: what several marts read, so
-- that the rows are looked through once.
-- grain: one row per canonical table, source and file
-- columns: table_name, source, file_id, table_rows, places (optional fields that there are), filled (of these, not null),
--          dated (rows that have a day: date of operations, last change of others), days (sum of these days, from 1970),
--          newest (of these days)
-- Fields whose null says something (a type, a milestone, a currency that is the same as another) are not optional in
-- this sense; password_hash never comes from files.
WITH counted AS (
    SELECT
        'trading_operations' AS table_name,
        source,
        file_id,
        count(*) AS table_rows,
        11 AS fields,
        count(transact_time) + count(account_id) + count(exec_id) + count(side) + count(symbol) + count(security_id)
        + count(last_qty) + count(last_px) + count(commission) + count(venue) + count(description) AS filled,
        count(date) AS dated,
        sum(date_diff('day', DATE '1970-01-01', date)) AS days,
        max(date) AS newest
    FROM trading_operations
    GROUP BY source, file_id
    UNION ALL
    SELECT
        'users', source, file_id, count(*), 4,
        count(email) + count(display_name) + count(primary_pov_role) + count(created_at),
        count(created_at), sum(date_diff('day', DATE '1970-01-01', CAST(created_at AS DATE))),
        CAST(max(created_at) AS DATE)
    FROM users
    GROUP BY source, file_id
    UNION ALL
    SELECT
        'projects', source, file_id, count(*), 8,
        count(key) + count(description) + count(total_budget) + count(currency) + count(start_date) + count(end_date)
        + count(created_at) + count(updated_at),
        count(updated_at), sum(date_diff('day', DATE '1970-01-01', CAST(updated_at AS DATE))),
        CAST(max(updated_at) AS DATE)
    FROM projects
    GROUP BY source, file_id
    UNION ALL
    SELECT
        'project_milestones', source, file_id, count(*), 9,
        count(description) + count(planned_amount) + count(actual_amount) + count(currency) + count(due_on)
        + count(release_date) + count(closed_at) + count(created_at) + count(updated_at),
        count(updated_at), sum(date_diff('day', DATE '1970-01-01', CAST(updated_at AS DATE))),
        CAST(max(updated_at) AS DATE)
    FROM project_milestones
    GROUP BY source, file_id
    UNION ALL
    SELECT
        'frenly_ai_tasks', source, file_id, count(*), 10,
        count(title) + count(priority) + count(progress) + count(parameters) + count(result) + count(error_message)
        + count(idempotency_key) + count(started_at) + count(finished_at) + count(updated_at),
        count(updated_at), sum(date_diff('day', DATE '1970-01-01', CAST(updated_at AS DATE))),
        CAST(max(updated_at) AS DATE)
    FROM frenly_ai_tasks
    GROUP BY source, file_id
)

SELECT
    table_name,
    source,
    file_id,
    table_rows,
    table_rows * fields AS places,
    filled,
    dated,
    CAST(coalesce(days, 0) AS BIGINT) AS days,
    newest
FROM counted
