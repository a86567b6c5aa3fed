-- A page of a user's operations, newest first, as of one generation because it is one statement.
-- grain: one row per operation, `size` at most; one row of nulls beside the generation when there is none
-- columns: newest (the current generation), date, transact_time, operation_id, document (JSON text)
-- parameters: user_id, as_of (null: now), first_day, last_day, size; symbol, category, type, milestone_id, currency,
--     min_amount, max_amount (each null: any); after_date, after_time, after_id (the last operation of the page before)
-- An operation without a time comes after those of its day that have one. What was superseded since `as_of` is there.
WITH newest AS (
    SELECT max(generation) AS generation FROM generations
),
page AS (
    (
        SELECT operation_id, date, transact_time, user_id, account_id, exec_id, type, category, amount, currency, side,
               symbol, security_id, last_qty, last_px, last_px_currency, commission, commission_currency, venue,
               milestone_id, description, source, file_id, record_no, generation, NULL::bigint AS superseded_generation
        FROM trading_operations
        WHERE user_id = %(user_id)s AND date BETWEEN %(first_day)s AND %(last_day)s
          AND (%(as_of)s::bigint IS NULL OR generation <= %(as_of)s)
          AND (%(symbol)s::text IS NULL OR symbol = %(symbol)s)
          AND (%(category)s::text IS NULL OR category = %(category)s)
          AND (%(type)s::text IS NULL OR type = %(type)s)
          AND (%(milestone_id)s::text IS NULL OR milestone_id = %(milestone_id)s)
          AND (%(currency)s::text IS NULL OR currency = %(currency)s)
          AND (%(min_amount)s::numeric IS NULL OR amount >= %(min_amount)s)
          AND (%(max_amount)s::numeric IS NULL OR amount <= %(max_amount)s)
          AND (%(after_date)s::date IS NULL OR date < %(after_date)s
               OR (coalesce(transact_time, '-infinity'), operation_id) < (%(after_time)s::timestamptz, %(after_id)s::uuid))
        ORDER BY date DESC, coalesce(transact_time, '-infinity') DESC, operation_id DESC
        LIMIT %(size)s
    )
    UNION ALL
    (
        SELECT operation_id, date, transact_time, user_id, account_id, exec_id, type, category, amount, currency, side,
               symbol, security_id, last_qty, last_px, last_px_currency, commission, commission_currency, venue,
               milestone_id, description, source, file_id, record_no, generation, superseded_generation
        FROM superseded_operations
        WHERE user_id = %(user_id)s AND date BETWEEN %(first_day)s AND %(last_day)s
          AND generation <= %(as_of)s::bigint AND superseded_generation > %(as_of)s::bigint
          AND (%(symbol)s::text IS NULL OR symbol = %(symbol)s)
          AND (%(category)s::text IS NULL OR category = %(category)s)
          AND (%(type)s::text IS NULL OR type = %(type)s)
          AND (%(milestone_id)s::text IS NULL OR milestone_id = %(milestone_id)s)
          AND (%(currency)s::text IS NULL OR currency = %(currency)s)
          AND (%(min_amount)s::numeric IS NULL OR amount >= %(min_amount)s)
          AND (%(max_amount)s::numeric IS NULL OR amount <= %(max_amount)s)
          AND (%(after_date)s::date IS NULL OR date < %(after_date)s
               OR (coalesce(transact_time, '-infinity'), operation_id) < (%(after_time)s::timestamptz, %(after_id)s::uuid))
        ORDER BY date DESC, coalesce(transact_time, '-infinity') DESC, operation_id DESC
        LIMIT %(size)s
    )
    ORDER BY date DESC, transact_time DESC NULLS LAST, operation_id DESC
    LIMIT %(size)s
)
SELECT newest.generation AS newest, page.date, page.transact_time, page.operation_id,
       json_build_object(
           'operation_id', page.operation_id,
           'date', page.date,
           'transact_time', to_char(page.transact_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
           'account_id', page.account_id,
           'exec_id', page.exec_id,
           'type', page.type,
           'category', page.category,
           'amount', trim_scale(page.amount)::text,
           'currency', page.currency,
           'side', page.side,
           'symbol', page.symbol,
           'security_id', page.security_id,
           'last_qty', trim_scale(page.last_qty)::text,
           'last_px', trim_scale(page.last_px)::text,
           'last_px_currency', page.last_px_currency,
           'commission', trim_scale(page.commission)::text,
           'commission_currency', page.commission_currency,
           'venue', page.venue,
           'milestone_id', page.milestone_id,
           'description', page.description,
           'source', page.source,
           'file_id', page.file_id,
           'record_no', page.record_no,
           'generation', page.generation,
           'superseded_generation', page.superseded_generation
       )::text AS document
FROM newest
LEFT JOIN page ON TRUE
ORDER BY page.date DESC, page.transact_time DESC NULLS LAST, page.operation_id DESC
