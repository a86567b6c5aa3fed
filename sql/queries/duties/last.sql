-- The newest period before one for which a duty was done.
-- grain: one row
-- columns: period (null: none)
-- parameters: duty, period
SELECT max(period) AS period FROM duties WHERE duty = %(duty)s AND period < %(period)s
