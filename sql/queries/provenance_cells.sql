-- What a column adds up to over the rows of a mart that some columns of its key choose.
-- grain: one row
-- columns: cells (how many rows), value
-- placeholders: mart, column, given (conditions on the columns that are given)
SELECT count(*) AS cells, sum({column}) AS value
FROM {mart}
WHERE {given}
