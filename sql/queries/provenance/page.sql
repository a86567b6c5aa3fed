-- One page of the rows behind a cell, in the order of their key, after the row that ended the page before.
-- grain: one row per row that contributes
-- columns: row_date, row_id, contribution, user_id, source, file_id, record_no
-- placeholder: rows (a query `provenance/<mart>/<table>` with its parameters)
-- parameters: first_day, last_day (null: any), after_date, after_id (null: from the first), limit
SELECT row_date, row_id::text AS row_id, contribution, user_id, source, file_id, record_no
FROM ({rows}) AS behind
WHERE
    contribution IS NOT NULL
    AND (%(first_day)s::date IS NULL OR row_date >= %(first_day)s::date)
    AND (%(last_day)s::date IS NULL OR row_date <= %(last_day)s::date)
    -- Both, because partitions are left out by a plain comparison alone.
    AND (%(after_date)s::date IS NULL OR row_date >= %(after_date)s::date)
    AND (%(after_date)s::date IS NULL OR (row_date, behind.row_id) > (%(after_date)s::date, %(after_id)s))
ORDER BY row_date, behind.row_id
LIMIT %(limit)s
