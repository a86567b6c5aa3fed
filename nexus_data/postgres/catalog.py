"""What a database has: one that this release has not migrated yet has not all of its tables."""

from typing import Any

from psycopg import Connection

from nexus_data.sql import query


def has_table(database: Connection[Any], table: str) -> bool:
    """Whether a table of that name is there, as the search path finds it."""
    return database.execute(query("postgres/table_exists"), {"table": table}).fetchone() == (True,)
