-- What users earned and spent from day to day, by category and currency; market prints moved nobody's money.
-- grain: one row per user, currency, category and type
-- columns: user_id, currency, category, type, operations, amount
-- parameters: user_ids (array of text), first_day, last_day
SELECT user_id, currency, category, type, sum(operations)::bigint AS operations, sum(amount) AS amount
FROM marts.daily_totals
WHERE user_id = ANY (%(user_ids)s::text[]) AND date BETWEEN %(first_day)s AND %(last_day)s AND type <> ''
GROUP BY user_id, currency, category, type
ORDER BY currency, category, type, user_id
