-- The operations behind the cells of marts.positions.
-- grain: one row per operation
-- columns: row_date, row_id, contribution (to the cell of that column; null: none), user_id, source, file_id, record_no
-- parameters: column, user_id, symbol, security_id, currency (null: any), first_date, last_date (of the cell; null: any,
--     else they spare the partitions where the instrument was never traded)
-- count operations: the operations that name the instrument
-- sum bought: quantities of purchases
-- sum sold: quantities of sales
-- sum net_quantity: quantities of purchases, and those of sales with a minus
-- count without_quantity: purchases and sales without a quantity
-- sum money_in: amounts of income
-- sum money_out: amounts of expenses
-- attained first_date: the operations of that day, which is the first
-- attained last_date: the operations of that day, which is the last
SELECT
    date AS row_date,
    operation_id AS row_id,
    CASE %(column)s::text
        WHEN 'operations' THEN 1
        WHEN 'bought' THEN CASE WHEN side = 'buy' THEN last_qty END
        WHEN 'sold' THEN CASE WHEN side = 'sell' THEN last_qty END
        WHEN 'net_quantity' THEN CASE side WHEN 'buy' THEN last_qty WHEN 'sell' THEN -last_qty END
        WHEN 'without_quantity' THEN CASE WHEN side IN ('buy', 'sell') AND last_qty IS NULL THEN 1 END
        WHEN 'money_in' THEN CASE WHEN type = 'income' THEN amount END
        WHEN 'money_out' THEN CASE WHEN type = 'expense' THEN amount END
        WHEN 'first_date' THEN CASE WHEN date = %(first_date)s::date THEN 1 END
        WHEN 'last_date' THEN CASE WHEN date = %(last_date)s::date THEN 1 END
    END AS contribution,
    user_id,
    source,
    file_id,
    record_no
FROM trading_operations
WHERE
    user_id = %(user_id)s::text
    AND type IS NOT NULL
    AND (symbol IS NOT NULL OR security_id IS NOT NULL)
    AND (%(symbol)s::text IS NULL OR coalesce(symbol, '') = %(symbol)s::text)
    AND (%(security_id)s::text IS NULL OR coalesce(security_id, '') = %(security_id)s::text)
    AND (%(currency)s::text IS NULL OR currency = %(currency)s::text)
    AND (%(first_date)s::date IS NULL OR date >= %(first_date)s::date)
    AND (%(last_date)s::date IS NULL OR date <= %(last_date)s::date)
