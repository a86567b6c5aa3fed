-- What each user bought and sold of an instrument, and the money that it moved, in each currency that it moved in.
-- Quantities add up over currencies (the holding is the sum of net_quantity over an instrument's rows); money does not.
-- grain: one row per user, symbol, security and currency
-- key: user_id, symbol, security_id, currency
-- refresh: full
-- groups: user_id, symbol, security_id, currency
-- column user_id: whose operations
-- column symbol: as the source writes it; empty where it gives none
-- column security_id: the ISIN; empty where the source gives none
-- column currency: of money_in and money_out
-- column operations: how many operations named this instrument, dividends and fees among them
-- column bought: quantity bought
-- column sold: quantity sold
-- column net_quantity: bought less sold
-- column without_quantity: purchases and sales that gave no quantity, so that bought and sold do not know them
-- column money_in: income: sales, dividends, ...
-- column money_out: expenses: purchases, fees, ...
-- column first_date: of the first operation
-- column last_date: of the last operation
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
        min(date) AS first_date,
        max(date) AS last_date
    FROM trading_operations
    WHERE type IS NOT NULL AND (symbol IS NOT NULL OR security_id IS NOT NULL)
    GROUP BY ALL
)
SELECT
    user_id,
    symbol,
    security_id,
    currency,
    operations,
    bought,
    sold,
    CAST(bought - sold AS DECIMAL(38, 18)) AS net_quantity,
    without_quantity,
    money_in,
    money_out,
    first_date,
    last_date
FROM moved
