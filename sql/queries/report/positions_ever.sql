-- What users hold of each instrument in this generation, where operations before the end of a period were removed from
-- Postgres, so that what was held then cannot be added up there.
-- grain: one row per user, symbol, security and currency, those that moved most operations first
-- columns: as report/positions
-- parameters: user_ids (array of text), limit
SELECT
    user_id, symbol, security_id, currency, operations, bought, sold, net_quantity, without_quantity, money_in, money_out,
    last_date, count(*) OVER () AS found
FROM marts.positions
WHERE user_id = ANY (%(user_ids)s::text[])
ORDER BY operations DESC, user_id, symbol, security_id, currency
LIMIT %(limit)s
