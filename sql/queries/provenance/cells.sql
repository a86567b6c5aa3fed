-- What a column adds up to over the rows of a mart that some columns of its key choose.
-- grain: one row
-- columns: cells (how many rows), value, counted (how many rows are behind them)
-- placeholders: mart, column, counted, given (conditions on the columns that are given)
SELECT count(*) AS cells, sum({column}) AS value, sum({counted}) AS counted
FROM {mart}
WHERE {given}
