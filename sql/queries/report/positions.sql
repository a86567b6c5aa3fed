-- What users held of each instrument at the end of a period: bought less sold since the first operation there is, and
-- the money that it moved. Instruments that were sold out before the period began are left out.
-- grain: one row per user, symbol, security and currency, those that moved most operations first, and behind them what was
--     neither bought nor sold (money on account, coins that only moved)
-- columns: user_id, symbol, security_id, currency, operations, bought, sold, net_quantity, without_quantity, money_in,
--          money_out, last_date, found (rows in all)
-- parameters: user_ids (array of text), first_day, last_day, limit
WITH moved AS (
    SELECT
        user_id,
        coalesce(symbol, '') AS symbol,
        coalesce(security_id, '') AS security_id,
        currency,
        count(*) AS operations,
        coalesce(sum(last_qty) FILTER (WHERE side = 'buy'), 0) AS bought,
        coalesce(sum(last_qty) FILTER (WHERE side = 'sell'), 0) AS sold,
        count(*) FILTER (WHERE side IN ('buy', 'sell') AND last_qty IS NULL) AS without_quantity,
        coalesce(sum(amount) FILTER (WHERE type = 'income'), 0) AS money_in,
        coalesce(sum(amount) FILTER (WHERE type = 'expense'), 0) AS money_out,
        max(date) AS last_date
    FROM trading_operations
    WHERE
        user_id = ANY (%(user_ids)s::text[])
        AND date <= %(last_day)s
        AND type IS NOT NULL
        AND (symbol IS NOT NULL OR security_id IS NOT NULL)
    GROUP BY 1, 2, 3, 4
)
SELECT moved.*, bought - sold AS net_quantity, count(*) OVER () AS found
FROM moved
WHERE bought <> sold OR last_date >= %(first_day)s
ORDER BY bought = 0 AND sold = 0, operations DESC, user_id, symbol, security_id, currency
LIMIT %(limit)s
