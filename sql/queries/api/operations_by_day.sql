-- A user's operations added up by day, newest day first, as of the current generation because it is one statement.
-- grain: one row per date, type and currency, `size` at most; one row of nulls beside the generation when there is none
-- columns: generation, run_id, key (JSON array of text: date, type, currency), document (JSON text)
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
    SELECT date, type, currency, sum(operations)::bigint AS operations, sum(amount) AS amount
    FROM marts.daily_totals
    WHERE user_id = %(user_id)s AND date BETWEEN %(first_day)s AND %(last_day)s
      AND (%(category)s::text IS NULL OR category = %(category)s)
      AND (%(type)s::text IS NULL OR type = %(type)s)
      AND (%(currency)s::text IS NULL OR currency = %(currency)s)
      AND (%(after)s::text[] IS NULL OR date < (%(after)s::text[])[1]::date
           OR date = (%(after)s::text[])[1]::date
           AND (type, currency) > ((%(after)s::text[])[2], (%(after)s::text[])[3]))
    GROUP BY date, type, currency
    ORDER BY date DESC, type, currency
    LIMIT %(size)s
)
SELECT newest.generation, newest.run_id,
       json_build_array(page.date, page.type, page.currency)::text AS key,
       CASE WHEN page.date IS NOT NULL THEN
           json_build_object(
               'date', page.date,
               'type', nullif(page.type, ''),
               'currency', page.currency,
               'operations', page.operations,
               'amount', trim_scale(page.amount)::text
           )::text
       END AS document
FROM newest
LEFT JOIN page ON TRUE
ORDER BY page.date DESC, page.type, page.currency
