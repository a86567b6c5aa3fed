-- The mart positions as Postgres itself adds it up from the published rows, for the verifier.
-- grain and columns: those of sql/marts/positions.sql
SELECT
    user_id, coalesce(symbol, '') AS symbol, coalesce(security_id, '') AS security_id, currency,
    count(*) AS operations,
    sum(CASE side WHEN 'buy' THEN coalesce(last_qty, 0) ELSE 0 END) AS bought,
    sum(CASE side WHEN 'sell' THEN coalesce(last_qty, 0) ELSE 0 END) AS sold,
    sum(CASE side WHEN 'buy' THEN coalesce(last_qty, 0) WHEN 'sell' THEN -coalesce(last_qty, 0) ELSE 0 END) AS net_quantity,
    sum(CASE WHEN side IN ('buy', 'sell') AND last_qty IS NULL THEN 1 ELSE 0 END) AS without_quantity,
    sum(CASE type WHEN 'income' THEN amount ELSE 0 END) AS money_in,
    sum(CASE type WHEN 'expense' THEN amount ELSE 0 END) AS money_out,
    min(date) AS first_date, max(date) AS last_date
FROM trading_operations
WHERE type IS NOT NULL AND (symbol IS NOT NULL OR security_id IS NOT NULL)
GROUP BY user_id, coalesce(symbol, ''), coalesce(security_id, ''), currency
