-- What is published of operations, to be compared with what a generated data set must come to.
-- grain: one row per month of the trade date (YYYY-MM), currency and category
-- columns: month, currency, category, operations, amount
SELECT to_char(date, 'YYYY-MM') AS month, currency, category, count(*) AS operations, sum(amount) AS amount
FROM trading_operations
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
