-- One operation of a user by its id alone: as published now, else the newest version that is published no more.
-- grain: one row, or none when there is none of that id that is the user's
-- columns: generation (the current one), run_id, document (JSON text)
-- parameters: operation_id (uuid), user_id
-- The key begins with the date: the id is looked up on each day on which the user has operations, as the mart tells.
WITH newest AS (
    SELECT generation, run_id
    FROM generations
    ORDER BY generation DESC
    LIMIT 1
),
published AS (
    SELECT operation.*, NULL::bigint AS superseded_generation
    FROM (SELECT DISTINCT date FROM marts.daily_totals WHERE user_id = %(user_id)s) AS day
    CROSS JOIN LATERAL (
        SELECT *
        FROM trading_operations
        WHERE trading_operations.date = day.date AND trading_operations.operation_id = %(operation_id)s
        LIMIT 1
    ) AS operation
    WHERE operation.user_id = %(user_id)s
    LIMIT 1
),
replaced AS (
    SELECT *
    FROM superseded_operations
    WHERE operation_id = %(operation_id)s AND user_id = %(user_id)s AND NOT EXISTS (SELECT FROM published)
    ORDER BY superseded_generation DESC, generation DESC
    LIMIT 1
),
operation AS (
    SELECT operation_id, date, transact_time, user_id, account_id, exec_id, type, category, amount, currency, side,
           symbol, security_id, last_qty, last_px, last_px_currency, commission, commission_currency, venue,
           milestone_id, description, source, file_id, record_no, generation, superseded_generation
    FROM published
    UNION ALL
    SELECT operation_id, date, transact_time, user_id, account_id, exec_id, type, category, amount, currency, side,
           symbol, security_id, last_qty, last_px, last_px_currency, commission, commission_currency, venue,
           milestone_id, description, source, file_id, record_no, generation, superseded_generation
    FROM replaced
)
SELECT
    newest.generation, newest.run_id,
    json_build_object(
        'user_id', operation.user_id,
        'generation', newest.generation,
        'operation', json_build_object(
            'operation_id', operation.operation_id,
            'date', operation.date,
            'transact_time', to_char(operation.transact_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'account_id', operation.account_id,
            'exec_id', operation.exec_id,
            'type', operation.type,
            'category', operation.category,
            'amount', trim_scale(operation.amount)::text,
            'currency', operation.currency,
            'side', operation.side,
            'symbol', operation.symbol,
            'security_id', operation.security_id,
            'last_qty', trim_scale(operation.last_qty)::text,
            'last_px', trim_scale(operation.last_px)::text,
            'last_px_currency', operation.last_px_currency,
            'commission', trim_scale(operation.commission)::text,
            'commission_currency', operation.commission_currency,
            'venue', operation.venue,
            'milestone_id', operation.milestone_id,
            'description', operation.description,
            'source', operation.source,
            'file_id', operation.file_id,
            'record_no', operation.record_no,
            'generation', operation.generation,
            'superseded_generation', operation.superseded_generation
        )
    )::text AS document
FROM newest
CROSS JOIN operation
