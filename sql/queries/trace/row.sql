-- One row of a keyed table.
-- grain: one row or none
-- columns: those of the table
-- placeholders: table, key (the column that names a row); parameters: key
SELECT *
FROM {table}
WHERE {key} = %(key)s
ORDER BY {key}
LIMIT 1
