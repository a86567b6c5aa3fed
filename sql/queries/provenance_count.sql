-- How many rows are behind a cell, and what they add up to.
-- grain: one row
-- columns: rows, total (null: none)
-- placeholder: rows (a query `provenance_<mart>_<table>` with its parameters)
SELECT count(*) AS rows, sum(contribution) AS total
FROM ({rows}) AS behind
WHERE contribution IS NOT NULL
