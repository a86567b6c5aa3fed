-- Whether a table of that name is there.
-- grain: one row
-- columns: there (boolean)
-- parameters: table
SELECT to_regclass(%(table)s) IS NOT NULL AS there
