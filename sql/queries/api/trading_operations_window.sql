-- What the marts know of a listing of operations before it is read: how many there are, and which days a page is of.
-- grain: one row, or none before the first publish
-- columns: generation, run_id, total (exact, of what is listed; null where no mart tells it), total_from (the mart that does), first_day,
--     last_day (days that the page's operations are of; null: none match), skipped (operations of the listing on days
--     before that window, in the order of the listing), removed_months (in the days asked for: those of which the user
--     has operations that left Postgres, and that no page has)
-- parameters: user_id, first_day, last_day, sort, size, skip (operations to leave out); symbol, category, type,
--     milestone_id, currency, min_amount, max_amount (each null: any); after_date (day of the page before's last one)
-- daily_totals tells days, categories, types and currencies; positions tells symbols, of all days and without market
-- prints (whose type is empty in daily_totals). With any other filter the window goes from the first day to the last that
-- could have such an operation: each month less is one less to plan, and to read.
WITH newest AS (
    SELECT generation, run_id
    FROM generations
    ORDER BY generation DESC
    LIMIT 1
),

removed AS (
    SELECT item AS month
    FROM cleanups
    WHERE kind = 'operations' AND restored_generation IS NULL
      AND NOT EXISTS (
          SELECT 1
          FROM pg_inherits
          JOIN pg_class ON pg_class.oid = pg_inherits.inhrelid
          WHERE pg_inherits.inhparent = 'public.trading_operations'::regclass AND NOT pg_inherits.inhdetachpending
            AND pg_class.relname = 'trading_operations_' || replace(cleanups.item, '-', '_')
      )
),

days AS (
    SELECT date, sum(operations) AS operations
    FROM marts.daily_totals
    WHERE
        user_id = %(user_id)s
        AND date BETWEEN %(first_day)s AND %(last_day)s
        AND month NOT IN (SELECT removed.month FROM removed)
        AND (%(category)s::text IS NULL OR category = %(category)s)
        AND (%(type)s::text IS NULL OR type = %(type)s)
        AND (%(currency)s::text IS NULL OR currency = %(currency)s)
    GROUP BY date
),

-- Of the day on which the page before ended, nobody knows how many are left: it is in the window, and counts nothing.
ahead AS (
    SELECT date, CASE WHEN date IS DISTINCT FROM %(after_date)s::date THEN operations ELSE 0 END AS operations
    FROM days
    WHERE
        %(after_date)s::date IS NULL
        OR CASE WHEN %(sort)s::text = 'date' THEN date >= %(after_date)s ELSE date <= %(after_date)s END
),

running AS (
    SELECT
        date, operations,
        sum(operations) OVER (
            ORDER BY CASE WHEN %(sort)s::text = 'date' THEN date - DATE '2000-01-01' ELSE DATE '2000-01-01' - date END
        ) AS upto
    FROM ahead
),

page_days AS (
    SELECT min(date) AS first_day, max(date) AS last_day, min(upto - operations) AS skipped
    FROM running
    WHERE upto - operations < %(skip)s + %(size)s AND (upto > %(skip)s OR date = %(after_date)s::date)
),

-- Which of the days may have an operation of the symbol asked for; positions knows no prints, so with any it tells nothing.
symbol_days AS (
    SELECT min(first_date) AS first_day, max(last_date) AS last_day
    FROM marts.positions
    WHERE
        user_id = %(user_id)s
        AND symbol = %(symbol)s::text
        AND (%(currency)s::text IS NULL OR currency = %(currency)s)
),

prints AS (
    SELECT EXISTS (SELECT FROM marts.daily_totals WHERE user_id = %(user_id)s AND type = '') AS any
),

possible AS (
    SELECT min(date) AS first_day, max(date) AS last_day
    FROM days
    WHERE
        %(symbol)s::text IS NULL
        OR %(symbol)s::text = ''
        OR (SELECT prints.any FROM prints)
        OR date BETWEEN (SELECT first_day FROM symbol_days) AND (SELECT last_day FROM symbol_days)
),

left_out AS (
    SELECT array_agg(DISTINCT daily_totals.month ORDER BY daily_totals.month) AS months
    FROM removed
    INNER JOIN marts.daily_totals ON removed.month = daily_totals.month
    WHERE user_id = %(user_id)s AND date BETWEEN %(first_day)s AND %(last_day)s
),

asked AS (
    SELECT
        %(milestone_id)s::text IS NULL AND %(min_amount)s::numeric IS NULL AND %(max_amount)s::numeric IS NULL AS plain,
        %(category)s::text IS NULL AND %(type)s::text IS NULL
        AND %(first_day)s::date <= DATE '0001-01-01' AND %(last_day)s::date >= DATE '9999-12-31' AS of_all_days
)

SELECT
    newest.generation, newest.run_id, counted.total, counted.total_from,
    CASE WHEN in_order.by_day THEN page_days.first_day ELSE possible.first_day END AS first_day,
    CASE WHEN in_order.by_day THEN page_days.last_day ELSE possible.last_day END AS last_day,
    CASE WHEN in_order.by_day THEN coalesce(page_days.skipped, 0) ELSE 0 END AS skipped,
    coalesce((SELECT months FROM left_out), '{}') AS removed_months
FROM newest
CROSS JOIN page_days
CROSS JOIN possible
CROSS JOIN LATERAL (
    SELECT (SELECT plain FROM asked) AND %(symbol)s::text IS NULL AND %(sort)s::text IN ('date', '-date') AS by_day
) AS in_order
CROSS JOIN LATERAL (
    SELECT coalesce((SELECT sum(operations) FROM days), 0)::bigint AS total, 'daily_totals' AS total_from
    WHERE (SELECT plain FROM asked) AND %(symbol)s::text IS NULL
    UNION ALL
    SELECT coalesce(sum(positions.operations), 0)::bigint, 'positions'
    FROM marts.positions
    WHERE positions.user_id = %(user_id)s
        AND positions.symbol = %(symbol)s::text
        AND (%(currency)s::text IS NULL OR positions.currency = %(currency)s)
    HAVING
        (SELECT plain AND of_all_days FROM asked)
        AND %(symbol)s::text <> ''
        AND NOT (SELECT prints.any FROM prints)
        AND (SELECT months FROM left_out) IS NULL
    UNION ALL
    SELECT NULL, NULL
    LIMIT 1
) AS counted
