-- Whether a duty was done for a period.
-- grain: one row, or none
-- columns: outcome
-- parameters: duty, period
SELECT outcome FROM duties WHERE duty = %(duty)s AND period = %(period)s
