"""The database roles of the API: one reads what is published, one writes sessions and tasks; neither logs in by itself.

The API's connections take one of them on (SET ROLE), so that a statement which should not be there could neither read a
password's hash nor change a published row. What else a connection is set to is not known here.
"""

import logging

import sqlalchemy as sa
from psycopg.errors import InsufficientPrivilege
from sqlalchemy.exc import DBAPIError

from nexus_data.postgres.metadata import DECLARED
from nexus_data.sql import query
from nexus_data.tables import ACCESS

log = logging.getLogger(__name__)

READER = "nexus_reader"
WRITER = "nexus_api"

_SECRET = frozenset(ACCESS) - {"assignments"}
_WRITES = {
    "refresh_tokens": "SELECT, INSERT, UPDATE, DELETE",
    "background_tasks": "SELECT, INSERT, UPDATE",
    # A hash by old parameters is replaced as its owner signs in; a password is never set there.
    "credentials": "SELECT, UPDATE (password_hash)",
    "users": "SELECT (user_id, email, status)",
}


def granted(connection: sa.Connection) -> bool:
    """Whether there is nothing left to grant, or nobody here who could."""
    return bool(
        connection.exec_driver_sql(query("postgres/roles_granted"), {"role": READER, "tables": _seen()}).scalar()
    )


def grant(connection: sa.Connection) -> None:
    """Make the roles where the user may, and give them what they need of the tables that there are by now.

    Without the right to make roles, and where nobody has made them, the API goes on as the user of its URL: a warning.
    """
    try:
        for role in (READER, WRITER):
            _make(connection, role)
        with connection.begin_nested():
            for statement in _grants():
                connection.execute(sa.text(statement))
    except DBAPIError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        log.warning(
            "the roles %s and %s cannot be made: the API will use the user of NEXUS_POSTGRES_URL itself; create them, "
            "grant them to that user, and migrate again (%s)", READER, WRITER, error.orig,
        )  # fmt: skip


def _make(connection: sa.Connection, role: str) -> None:
    """Roles are the server's and not the database's: another database may have made it, or be making it just now."""
    if connection.scalar(sa.text("SELECT count(*) FROM pg_roles WHERE rolname = :role"), {"role": role}):
        return
    with connection.begin_nested():
        connection.execute(sa.text(f"CREATE ROLE {role} NOLOGIN"))


def _seen() -> list[str]:
    return [name for name in DECLARED if name not in _SECRET]


def _grants() -> list[str]:
    return [
        f"GRANT {READER}, {WRITER} TO CURRENT_USER",
        f"GRANT USAGE ON SCHEMA public, marts TO {READER}, {WRITER}",
        f"GRANT SELECT ON {', '.join(_seen())} TO {READER}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA marts TO {READER}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA marts GRANT SELECT ON TABLES TO {READER}",
        *(f"GRANT {rights} ON {table} TO {WRITER}" for table, rights in _WRITES.items()),
    ]
