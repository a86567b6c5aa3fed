-- How income and expenses went in the course of a period.
-- grain: one row per currency and day, week (its Monday) or month (its first) in which something moved
-- columns: currency, day, income, expense, operations
-- parameters: user_ids (array of text), first_day, last_day, bucket (day, week, month)
SELECT
    currency,
    date_trunc(%(bucket)s, date)::date AS day,
    coalesce(sum(amount) FILTER (WHERE type = 'income'), 0) AS income,
    coalesce(sum(amount) FILTER (WHERE type = 'expense'), 0) AS expense,
    sum(operations)::bigint AS operations
FROM marts.daily_totals
WHERE user_id = ANY (%(user_ids)s::text[]) AND date BETWEEN %(first_day)s AND %(last_day)s AND type <> ''
GROUP BY 1, 2
ORDER BY 1, 2
