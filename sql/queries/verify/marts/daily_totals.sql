-- The mart daily_totals as Postgres itself adds it up from the published rows, for the verifier.
-- grain and columns: those of sql/marts/daily_totals.sql
SELECT
    user_id, date, to_char(date, 'YYYY-MM') AS month, category, coalesce(type, '') AS type, currency,
    count(*) AS operations, sum(amount) AS amount
FROM trading_operations
GROUP BY user_id, date, category, coalesce(type, ''), currency
