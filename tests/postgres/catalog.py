"""What Postgres itself says of the tables in schema public: the measure by which two databases are equal."""

from typing import Any

from psycopg import Connection

from nexus_data.postgres.connect import connection

_RELATIONS = """
SELECT c.relname, c.relkind::text, pg_get_partkeydef(c.oid), obj_description(c.oid, 'pg_class')
FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
"""
_COLUMNS = """
SELECT c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, o.collname,
       pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid
LEFT JOIN pg_collation AS o ON o.oid = a.attcollation
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
"""
_CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, contype::text, convalidated, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
"""
_INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"

_VERSION_TABLE = "nexus_alembic_version"


def facts(database: Connection[Any]) -> set[tuple[object, ...]]:
    """Tables, columns, constraints and indexes of schema public, without Alembic's own table."""
    rows = [row for sql in (_RELATIONS, _COLUMNS, _CONSTRAINTS, _INDEXES) for row in database.execute(sql)]
    return {row for row in rows if row[0] != _VERSION_TABLE}


def facts_of(url: str) -> set[tuple[object, ...]]:
    """The facts of the database at a URL."""
    with connection(url) as database:
        return facts(database)
