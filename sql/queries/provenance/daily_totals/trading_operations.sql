-- The operations behind the cells of marts.daily_totals.
-- grain: one row per operation
-- columns: row_date, row_id, contribution (to the cell of that column; null: none), user_id, source, file_id, record_no
-- parameters: column, user_id, date, category, type, currency (null: any)
-- counted by: operations
-- count operations: the operations
-- sum amount: their amounts
-- derived month from date: the month of the date
SELECT
    date AS row_date,
    operation_id AS row_id,
    CASE %(column)s::text WHEN 'operations' THEN 1 WHEN 'amount' THEN amount END AS contribution,
    user_id,
    source,
    file_id,
    record_no
FROM trading_operations
WHERE
    user_id = %(user_id)s::text
    AND (%(date)s::date IS NULL OR date = %(date)s::date)
    AND (%(category)s::text IS NULL OR category = %(category)s::text)
    AND (%(type)s::text IS NULL OR coalesce(type, '') = %(type)s::text)
    AND (%(currency)s::text IS NULL OR currency = %(currency)s::text)
