-- The mart data_quality as Postgres itself counts it from ledger, files and published rows, for the verifier.
-- grain and columns: those of sql/marts/data_quality.sql
WITH counts AS (
    SELECT
        source, table_name,
        sum(CASE hop WHEN 'read' THEN records_in ELSE 0 END) AS records,
        sum(CASE hop WHEN 'publish' THEN passed WHEN 'supersede' THEN -records_in ELSE 0 END) AS published,
        sum(rejected) - sum(CASE hop WHEN 'replay' THEN records_in ELSE 0 END) AS rejected, sum(duplicate) AS duplicate,
        sum(superseded) AS superseded, sum(skipped) AS skipped, sum(held) AS held
    FROM ledger
    GROUP BY source, table_name
),
arrivals AS (
    SELECT
        source, coalesce(table_name, 'unknown') AS table_name, count(*) AS files,
        sum(CASE status WHEN 'held' THEN 1 ELSE 0 END) AS files_held, max(landed_at) AS last_arrival
    FROM files
    GROUP BY source, coalesce(table_name, 'unknown')
),
filled AS (
    SELECT
        source, 'trading_operations' AS table_name, count(*) * 11 AS places,
        sum(num_nonnulls(
            transact_time, account_id, exec_id, side, symbol, security_id, last_qty, last_px, commission, venue,
            description
        )) AS taken,
        max(date) AS newest
    FROM trading_operations
    GROUP BY source
    UNION ALL
    SELECT
        source, 'users', count(*) * 4, sum(num_nonnulls(email, display_name, primary_pov_role, created_at)),
        max(created_at)::date
    FROM users
    GROUP BY source
    UNION ALL
    SELECT
        source, 'projects', count(*) * 8,
        sum(num_nonnulls(key, description, total_budget, currency, start_date, end_date, created_at, updated_at)),
        max(updated_at)::date
    FROM projects
    GROUP BY source
    UNION ALL
    SELECT
        source, 'project_milestones', count(*) * 9,
        sum(num_nonnulls(
            description, planned_amount, actual_amount, currency, due_on, release_date, closed_at, created_at, updated_at
        )),
        max(updated_at)::date
    FROM project_milestones
    GROUP BY source
    UNION ALL
    SELECT
        source, 'frenly_ai_tasks', count(*) * 10,
        sum(num_nonnulls(
            title, priority, progress, parameters, result, error_message, idempotency_key, started_at, finished_at,
            updated_at
        )),
        max(updated_at)::date
    FROM frenly_ai_tasks
    GROUP BY source
),
every AS (
    SELECT
        source, table_name, coalesce(files, 0) AS files, coalesce(files_held, 0) AS files_held,
        coalesce(records, 0) AS records, coalesce(published, 0) AS published, coalesce(rejected, 0) AS rejected,
        coalesce(duplicate, 0) AS duplicate, coalesce(superseded, 0) AS superseded, coalesce(skipped, 0) AS skipped,
        coalesce(held, 0) AS held, last_arrival, records IS NOT NULL AS counted
    FROM counts
    FULL JOIN arrivals USING (source, table_name)
)
SELECT
    every.source, every.table_name, every.files, every.files_held, every.records, every.published, every.rejected,
    every.duplicate, every.superseded, every.skipped, every.held,
    round(filled.taken::numeric / nullif(filled.places, 0), 6) AS completeness,
    CASE
        WHEN every.records - every.held - every.skipped > 0 THEN round(
            (every.records - every.held - every.skipped - every.rejected)::numeric
            / (every.records - every.held - every.skipped),
            6
        )
    END AS validity,
    CASE
        WHEN every.published + every.superseded + every.duplicate > 0 THEN round(
            (every.published + every.superseded)::numeric / (every.published + every.superseded + every.duplicate), 6
        )
    END AS uniqueness,
    filled.newest, every.last_arrival, (every.last_arrival AT TIME ZONE 'UTC')::date - filled.newest AS lag_days
FROM every
LEFT JOIN filled ON filled.source = every.source AND filled.table_name = every.table_name
