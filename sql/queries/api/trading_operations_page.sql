-- A page of a user's operations as of one generation, because it is one statement.
-- grain: one row per operation, `size` at most; one row of nulls beside the generation when there is none
-- columns: newest (the current generation), date, transact_time, operation_id, amount, document (JSON text)
-- parameters: user_id, as_of, first_day, last_day, size, skip (operations to leave out); sort (date, -date: newest
--     first, amount, -amount: largest first); symbol, category, type, milestone_id, currency, min_amount, max_amount
--     (each null: any); after_amount, after_date, after_time, after_id (the last operation of the page before)
-- An operation without a time is the earliest of its day. What was superseded since `as_of` is there. Of the CASE
-- expressions the planner leaves the one that is asked for, so that an index gives the order where one can.
WITH newest AS (
    SELECT max(generation) AS generation FROM generations
),
both_tables AS (
    (
        SELECT operation_id, date, transact_time, user_id, account_id, exec_id, type, category, amount, currency, side,
               symbol, security_id, last_qty, last_px, last_px_currency, commission, commission_currency, venue,
               milestone_id, description, source, file_id, record_no, generation, NULL::bigint AS superseded_generation
        FROM trading_operations
        WHERE user_id = %(user_id)s AND date BETWEEN %(first_day)s AND %(last_day)s
          AND generation <= %(as_of)s
          AND (%(symbol)s::text IS NULL OR symbol = %(symbol)s)
          AND (%(category)s::text IS NULL OR category = %(category)s)
          AND (%(type)s::text IS NULL OR type = %(type)s)
          AND (%(milestone_id)s::text IS NULL OR milestone_id = %(milestone_id)s)
          AND (%(currency)s::text IS NULL OR currency = %(currency)s)
          AND (%(min_amount)s::numeric IS NULL OR amount >= %(min_amount)s)
          AND (%(max_amount)s::numeric IS NULL OR amount <= %(max_amount)s)
          AND (%(after_id)s::uuid IS NULL OR CASE %(sort)s::text
              WHEN '-date' THEN date < %(after_date)s::date
                  OR (coalesce(transact_time, '-infinity'), operation_id)
                      < (%(after_time)s::timestamptz, %(after_id)s::uuid)
              WHEN 'date' THEN date > %(after_date)s::date
                  OR (coalesce(transact_time, '-infinity'), operation_id)
                      > (%(after_time)s::timestamptz, %(after_id)s::uuid)
              WHEN '-amount' THEN (amount, date, coalesce(transact_time, '-infinity'), operation_id)
                  < (%(after_amount)s::numeric, %(after_date)s, %(after_time)s, %(after_id)s)
              ELSE (amount, date, coalesce(transact_time, '-infinity'), operation_id)
                  > (%(after_amount)s::numeric, %(after_date)s, %(after_time)s, %(after_id)s) END)
        ORDER BY
            CASE WHEN %(sort)s::text = 'amount' THEN amount END,
            CASE WHEN %(sort)s::text = '-amount' THEN amount END DESC,
            CASE WHEN %(sort)s::text IN ('date', 'amount') THEN date END,
            CASE WHEN %(sort)s::text IN ('-date', '-amount') THEN date END DESC,
            CASE WHEN %(sort)s::text IN ('date', 'amount') THEN coalesce(transact_time, '-infinity') END,
            CASE WHEN %(sort)s::text IN ('-date', '-amount') THEN coalesce(transact_time, '-infinity') END DESC,
            CASE WHEN %(sort)s::text IN ('date', 'amount') THEN operation_id END,
            CASE WHEN %(sort)s::text IN ('-date', '-amount') THEN operation_id END DESC
        LIMIT %(size)s + %(skip)s
    )
    UNION ALL
    (
        SELECT operation_id, date, transact_time, user_id, account_id, exec_id, type, category, amount, currency, side,
               symbol, security_id, last_qty, last_px, last_px_currency, commission, commission_currency, venue,
               milestone_id, description, source, file_id, record_no, generation, superseded_generation
        FROM superseded_operations
        WHERE user_id = %(user_id)s AND date BETWEEN %(first_day)s AND %(last_day)s
          AND generation <= %(as_of)s AND superseded_generation > %(as_of)s
          AND (%(symbol)s::text IS NULL OR symbol = %(symbol)s)
          AND (%(category)s::text IS NULL OR category = %(category)s)
          AND (%(type)s::text IS NULL OR type = %(type)s)
          AND (%(milestone_id)s::text IS NULL OR milestone_id = %(milestone_id)s)
          AND (%(currency)s::text IS NULL OR currency = %(currency)s)
          AND (%(min_amount)s::numeric IS NULL OR amount >= %(min_amount)s)
          AND (%(max_amount)s::numeric IS NULL OR amount <= %(max_amount)s)
          AND (%(after_id)s::uuid IS NULL OR CASE %(sort)s::text
              WHEN '-date' THEN date < %(after_date)s::date
                  OR (coalesce(transact_time, '-infinity'), operation_id)
                      < (%(after_time)s::timestamptz, %(after_id)s::uuid)
              WHEN 'date' THEN date > %(after_date)s::date
                  OR (coalesce(transact_time, '-infinity'), operation_id)
                      > (%(after_time)s::timestamptz, %(after_id)s::uuid)
              WHEN '-amount' THEN (amount, date, coalesce(transact_time, '-infinity'), operation_id)
                  < (%(after_amount)s::numeric, %(after_date)s, %(after_time)s, %(after_id)s)
              ELSE (amount, date, coalesce(transact_time, '-infinity'), operation_id)
                  > (%(after_amount)s::numeric, %(after_date)s, %(after_time)s, %(after_id)s) END)
        ORDER BY
            CASE WHEN %(sort)s::text = 'amount' THEN amount END,
            CASE WHEN %(sort)s::text = '-amount' THEN amount END DESC,
            CASE WHEN %(sort)s::text IN ('date', 'amount') THEN date END,
            CASE WHEN %(sort)s::text IN ('-date', '-amount') THEN date END DESC,
            CASE WHEN %(sort)s::text IN ('date', 'amount') THEN coalesce(transact_time, '-infinity') END,
            CASE WHEN %(sort)s::text IN ('-date', '-amount') THEN coalesce(transact_time, '-infinity') END DESC,
            CASE WHEN %(sort)s::text IN ('date', 'amount') THEN operation_id END,
            CASE WHEN %(sort)s::text IN ('-date', '-amount') THEN operation_id END DESC
        LIMIT %(size)s + %(skip)s
    )
),
page AS (
    SELECT both_tables.*, row_number() OVER (
        ORDER BY
            CASE WHEN %(sort)s::text = 'amount' THEN amount END,
            CASE WHEN %(sort)s::text = '-amount' THEN amount END DESC,
            CASE WHEN %(sort)s::text IN ('date', 'amount') THEN date END,
            CASE WHEN %(sort)s::text IN ('-date', '-amount') THEN date END DESC,
            CASE WHEN %(sort)s::text IN ('date', 'amount') THEN coalesce(transact_time, '-infinity') END,
            CASE WHEN %(sort)s::text IN ('-date', '-amount') THEN coalesce(transact_time, '-infinity') END DESC,
            CASE WHEN %(sort)s::text IN ('date', 'amount') THEN operation_id END,
            CASE WHEN %(sort)s::text IN ('-date', '-amount') THEN operation_id END DESC
    ) AS place
    FROM both_tables
    ORDER BY place
    LIMIT %(size)s OFFSET %(skip)s
)
SELECT newest.generation AS newest, page.date, page.transact_time, page.operation_id, page.amount,
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
ORDER BY page.place
