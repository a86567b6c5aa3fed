-- The mart data_quality_daily as Postgres itself counts it from ledger, files and published rows, for the verifier.
-- grain and columns: those of sql/marts/data_quality_daily.sql
WITH arrivals AS (
    SELECT file_id, (min(landed_at) AT TIME ZONE 'UTC')::date AS date
    FROM files
    GROUP BY file_id
),
owned AS (
    SELECT files.file_id, files.source, min(files.user_id) AS user_id, min(arrivals.date) AS date
    FROM files
    JOIN arrivals USING (file_id)
    GROUP BY files.file_id, files.source
),
every AS (
    SELECT
        source, file_id, 'trading_operations' AS table_name, 11 AS fields,
        num_nonnulls(
            transact_time, account_id, exec_id, side, symbol, security_id, last_qty, last_px, commission, venue,
            description
        ) AS filled,
        date AS told
    FROM trading_operations
    UNION ALL
    SELECT
        source, file_id, 'users', 4, num_nonnulls(email, display_name, primary_pov_role, created_at),
        (created_at AT TIME ZONE 'UTC')::date
    FROM users
    UNION ALL
    SELECT
        source, file_id, 'projects', 8,
        num_nonnulls(key, description, total_budget, currency, start_date, end_date, created_at, updated_at),
        (updated_at AT TIME ZONE 'UTC')::date
    FROM projects
    UNION ALL
    SELECT
        source, file_id, 'project_milestones', 9,
        num_nonnulls(
            description, planned_amount, actual_amount, currency, due_on, release_date, closed_at, created_at, updated_at
        ),
        (updated_at AT TIME ZONE 'UTC')::date
    FROM project_milestones
    UNION ALL
    SELECT
        source, file_id, 'frenly_ai_tasks', 10,
        num_nonnulls(
            title, priority, progress, parameters, result, error_message, idempotency_key, started_at, finished_at,
            updated_at
        ),
        (updated_at AT TIME ZONE 'UTC')::date
    FROM frenly_ai_tasks
),
row_counts AS (
    SELECT
        owned.user_id, every.source, every.table_name, owned.date, count(*) AS table_rows, sum(every.fields) AS places,
        sum(every.filled) AS filled, count(every.told) AS dated, coalesce(sum(owned.date - every.told), 0) AS age_days
    FROM every
    JOIN owned ON every.file_id = owned.file_id AND every.source = owned.source
    GROUP BY owned.user_id, every.source, every.table_name, owned.date
),
line_counts AS (
    SELECT
        user_id, source, table_name, date,
        sum(records_in) FILTER (WHERE hop = 'read') AS records,
        sum(CASE hop WHEN 'publish' THEN passed WHEN 'supersede' THEN -records_in ELSE 0 END) AS published,
        sum(rejected) - coalesce(sum(records_in) FILTER (WHERE hop = 'replay'), 0) AS rejected,
        sum(duplicate) AS duplicate, sum(superseded) AS superseded, sum(skipped) AS skipped, sum(held) AS held,
        sum(records_in) FILTER (WHERE hop = 'deduplicate') AS compared,
        sum(rejected) FILTER (WHERE hop = 'deduplicate') AS inconsistent
    FROM ledger
    JOIN arrivals USING (file_id)
    GROUP BY user_id, source, table_name, date
),
file_counts AS (
    SELECT
        user_id, source, coalesce(table_name, 'unknown') AS table_name, date, count(*) AS files,
        count(*) FILTER (WHERE status = 'held') AS files_held
    FROM files
    JOIN arrivals USING (file_id)
    GROUP BY user_id, source, coalesce(table_name, 'unknown'), date
),
told AS (
    SELECT
        user_id, source, table_name, date, coalesce(files, 0) AS files, coalesce(files_held, 0) AS files_held,
        coalesce(records, 0) AS records, coalesce(published, 0) AS published, coalesce(rejected, 0) AS rejected,
        coalesce(duplicate, 0) AS duplicate, coalesce(superseded, 0) AS superseded, coalesce(skipped, 0) AS skipped,
        coalesce(held, 0) AS held, coalesce(compared, 0) AS compared, coalesce(inconsistent, 0) AS inconsistent,
        coalesce(table_rows, 0) AS table_rows, coalesce(places, 0) AS places, coalesce(filled, 0) AS filled,
        coalesce(dated, 0) AS dated, coalesce(age_days, 0) AS age_days
    FROM line_counts
    FULL JOIN file_counts USING (user_id, source, table_name, date)
    FULL JOIN row_counts USING (user_id, source, table_name, date)
)
SELECT
    told.*,
    round(filled::numeric / nullif(places, 0), 6) AS completeness,
    CASE WHEN records - held - skipped > 0
        THEN round((records - held - skipped - rejected)::numeric / (records - held - skipped), 6)
    END AS validity,
    CASE WHEN published + superseded + duplicate > 0
        THEN round((published + superseded)::numeric / (published + superseded + duplicate), 6)
    END AS uniqueness,
    round((compared - inconsistent)::numeric / nullif(compared, 0), 6) AS consistency,
    round(age_days::numeric / nullif(dated, 0), 6) AS timeliness
FROM told
