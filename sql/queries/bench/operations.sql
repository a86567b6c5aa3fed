-- Invented operations of one month for `nexus bench db`: eight of a user's on a day, the first users have far more.
-- grain: one row per number
-- columns: those of trading_operations that a broker's export fills
-- parameters: first_day (of the month), days (in it), start, stop (numbers, the first in and the last in), users
-- User 0 has a hundredth part of all where there are 10,000: the square of a number drawn evenly chooses the user.
SELECT
    md5(n::text)::uuid AS operation_id,
    (%(first_day)s::date + (hashint8extended(sitting, 2) & 65535)::int %% %(days)s::int) AS date,
    (%(first_day)s::date + (hashint8extended(sitting, 2) & 65535)::int %% %(days)s::int)::timestamp AT TIME ZONE 'UTC'
    + make_interval(mins => ((drawn >> 8) & 1023)::int) AS transact_time,
    'u' || owner AS user_id,
    'A' || owner AS account_id,
    'E' || n AS exec_id,
    CASE WHEN drawn & 1 = 0 THEN 'income' ELSE 'expense' END AS type,
    CASE (drawn >> 1) %% 20 WHEN 0 THEN 'fee' WHEN 1 THEN 'dividend' WHEN 2 THEN 'deposit' ELSE 'trade' END AS category,
    ((drawn >> 3) %% 100000000) * 0.01 AS amount,
    CASE (drawn >> 5) %% 8 WHEN 0 THEN 'USD' ELSE 'EUR' END AS currency,
    CASE WHEN drawn & 1 = 0 THEN 'sell' ELSE 'buy' END AS side,
    'NX' || (drawn >> 7) %% 200 AS symbol,
    ((drawn >> 9) %% 10000) * 0.1 AS last_qty,
    ((drawn >> 11) %% 100000) * 0.01 AS last_px,
    0.5 AS commission,
    'EUR' AS commission_currency,
    'XAMS' AS venue,
    CASE WHEN (drawn >> 13) %% 10 = 0 THEN 'm' || owner * 10 + (drawn >> 17) %% 10 END AS milestone_id,
    'order ' || n AS description,
    'nexus' AS source,
    md5(div(n, 100000)::text)::uuid AS file_id,
    n %% 100000 + 1 AS record_no,
    n AS row_fp,
    1 AS generation
FROM (
    SELECT
        n, n >> 3 AS sitting, hashint8extended(n, 3) & 1152921504606846975 AS drawn,
        (even * even * %(users)s::bigint) >> 40 AS owner
    FROM generate_series(%(start)s::bigint, %(stop)s::bigint) AS n
    CROSS JOIN LATERAL (SELECT hashint8extended(n >> 3, 1) & 1048575 AS even) AS chance
) AS numbered
