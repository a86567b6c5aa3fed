-- What each user's operations of a day add up to. Amounts of different currencies never meet in one number.
-- grain: one row per user, date, category, type and currency
-- key: user_id, date, category, type, currency
-- refresh: month
-- groups: user_id, date, category, type, currency
-- column user_id: whose operations
-- column date: TradeDate
-- column month: YYYY-MM of date, by which this mart is refreshed
-- column category: trade, fee, tax, dividend, ...
-- column type: income or expense; empty for market prints, which move nobody's money
-- column currency: of amount
-- column operations: how many
-- column amount: their sum
SELECT
    user_id,
    date,
    strftime(date, '%Y-%m') AS month,
    category,
    coalesce(type, '') AS type,
    currency,
    count(*) AS operations,
    sum(amount) AS amount
FROM trading_operations
GROUP BY user_id, date, category, coalesce(type, ''), currency
