-- How many rows are behind a cell, and what they add up to.
-- grain: one row
-- columns: rows, total (null: none)
-- placeholder: rows (a query `provenance/<mart>/<table>` with its parameters)
-- parameters: first_day, last_day (null: any)
SELECT count(*) AS rows, sum(contribution) AS total
FROM ({rows}) AS behind
WHERE
    contribution IS NOT NULL
    AND (%(first_day)s::date IS NULL OR row_date >= %(first_day)s::date)
    AND (%(last_day)s::date IS NULL OR row_date <= %(last_day)s::date)
