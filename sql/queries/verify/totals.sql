-- What each user's own operations moved, for the verifier's own expectation of a dashboard. XXX is no money.
-- grain: one row per user and currency
-- columns: user_id, currency, income, expenses
SELECT
    user_id, currency,
    sum(CASE type WHEN 'income' THEN amount ELSE 0 END) AS income,
    sum(CASE type WHEN 'expense' THEN amount ELSE 0 END) AS expenses
FROM trading_operations
WHERE type IS NOT NULL AND currency <> 'XXX'
GROUP BY user_id, currency
