-- A user's operations added up by category, as of the current generation because it is one statement.
-- grain: one row per category, type and currency, `size` at most; one row of nulls beside the generation when there is
--     none
-- columns: generation, run_id, key (JSON array of text: category, type, currency), document (JSON text)
-- parameters: user_id, first_day, last_day, size; category, type, currency (each null: any); after (array of text: the
--     key of the last row of the page before; null: the first page)
-- type is null in the document for market prints, which move nobody's money.
WITH newest AS (
    SELECT generation, run_id
    FROM generations
    ORDER BY generation DESC
    LIMIT 1
),
page AS (
    SELECT category, type, currency, sum(operations)::bigint AS operations, sum(amount) AS amount,
           min(date) AS first_date, max(date) AS last_date
    FROM marts.daily_totals
    WHERE user_id = %(user_id)s AND date BETWEEN %(first_day)s AND %(last_day)s
      AND (%(category)s::text IS NULL OR category = %(category)s)
      AND (%(type)s::text IS NULL OR type = %(type)s)
      AND (%(currency)s::text IS NULL OR currency = %(currency)s)
      AND (%(after)s::text[] IS NULL OR (category, type, currency)
           > ((%(after)s::text[])[1], (%(after)s::text[])[2], (%(after)s::text[])[3]))
    GROUP BY category, type, currency
    ORDER BY category, type, currency
    LIMIT %(size)s
)
SELECT newest.generation, newest.run_id,
       json_build_array(page.category, page.type, page.currency)::text AS key,
       CASE WHEN page.category IS NOT NULL THEN
           json_build_object(
               'category', page.category,
               'type', nullif(page.type, ''),
               'currency', page.currency,
               'operations', page.operations,
               'amount', trim_scale(page.amount)::text,
               'first_date', page.first_date,
               'last_date', page.last_date
           )::text
       END AS document
FROM newest
LEFT JOIN page ON TRUE
ORDER BY page.category, page.type, page.currency
