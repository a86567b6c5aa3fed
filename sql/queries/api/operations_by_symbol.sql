-- A user's operations added up by instrument, of all days, as of the current generation because it is one statement.
-- grain: one row per symbol, security and currency, `size` at most; one row of nulls beside the generation when there
--     is none
-- columns: generation, run_id, key (JSON array of text: symbol, security_id, currency), document (JSON text)
-- parameters: user_id, size; symbol, currency (each null: any); after (array of text: the key of the last row of the
--     page before; null: the first page)
WITH newest AS (
    SELECT generation, run_id
    FROM generations
    ORDER BY generation DESC
    LIMIT 1
),
page AS (
    SELECT *
    FROM marts.positions
    WHERE user_id = %(user_id)s
      AND (%(symbol)s::text IS NULL OR symbol = %(symbol)s)
      AND (%(currency)s::text IS NULL OR currency = %(currency)s)
      AND (%(after)s::text[] IS NULL OR (symbol, security_id, currency)
           > ((%(after)s::text[])[1], (%(after)s::text[])[2], (%(after)s::text[])[3]))
    ORDER BY symbol, security_id, currency
    LIMIT %(size)s
)
SELECT newest.generation, newest.run_id,
       json_build_array(page.symbol, page.security_id, page.currency)::text AS key,
       CASE WHEN page.symbol IS NOT NULL THEN
           json_build_object(
               'symbol', nullif(page.symbol, ''),
               'security_id', nullif(page.security_id, ''),
               'currency', page.currency,
               'operations', page.operations,
               'bought', trim_scale(page.bought)::text,
               'sold', trim_scale(page.sold)::text,
               'net_quantity', trim_scale(page.net_quantity)::text,
               'without_quantity', page.without_quantity,
               'income', trim_scale(page.money_in)::text,
               'expenses', trim_scale(page.money_out)::text,
               'first_date', page.first_date,
               'last_date', page.last_date
           )::text
       END AS document
FROM newest
LEFT JOIN page ON TRUE
ORDER BY page.symbol, page.security_id, page.currency
