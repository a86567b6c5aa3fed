-- Whether the API's reading role may read what it must, or does not exist where this user could not make it either.
-- grain: one row
-- columns: granted
-- parameters: role, tables (text[])
SELECT
    CASE
        WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = %(role)s::name) THEN (
            SELECT bool_and(has_table_privilege(%(role)s::name, 'public.' || quote_ident(wanted.name), 'SELECT'))
            FROM unnest(%(tables)s::text[]) AS wanted (name)
        )
        ELSE NOT (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = CURRENT_USER)
    END AS granted
