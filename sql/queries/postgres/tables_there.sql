-- A table of this database, of whatever schema, where there is any.
-- grain: one row
-- columns: name (null: there is none)
SELECT min(schemaname || '.' || tablename) AS name
FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
