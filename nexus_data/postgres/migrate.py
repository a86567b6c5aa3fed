"""Brings a database to the newest revision of `sql/migrations`.

What the tables are is declared in `nexus_data.tables`; how a database of an earlier release gets there is written in
the revisions. Neither is here.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from nexus_data.errors import ServiceError
from nexus_data.postgres import roles
from nexus_data.postgres.connect import engine

MIGRATIONS = Path(__file__).resolve().parents[2] / "sql" / "migrations"
VERSION_TABLE = "nexus_alembic_version"

_LOCK = 0x6E6578756D  # "nexum": an advisory lock of its own, so that migrating never waits for a run
_OLDEST_SERVER = (15,)


def migrate(url: str) -> None:
    """Upgrade to the newest revision in one transaction; two processes at once take turns; nothing to do is cheap.

    Raises ServiceError when there is no connection, the user may not create tables, or the server or the database
    cannot be used (too old, not UTF-8, or brought up to date by a newer release than this one).
    """
    settings = config()
    head = ScriptDirectory.from_config(settings).get_current_head()
    database = engine(url)
    try:
        with database.begin() as connection:
            if _current(connection) != head:
                _upgrade(connection, settings)
            if not roles.granted(connection):
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
                roles.grant(connection)
    finally:
        database.dispose()


def config() -> Config:
    """Alembic's configuration for our revisions."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.set_main_option("path_separator", "newline")
    settings.set_main_option("file_template", "v%%(rev)s_%%(slug)s")
    return settings


def _current(connection: sa.Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def _upgrade(connection: sa.Connection, settings: Config) -> None:
    _check_server(connection)
    # Held until the transaction ends; who waits here finds the revision there and does nothing.
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    settings.attributes["connection"] = connection
    try:
        command.upgrade(settings, "head")
    except CommandError as error:
        found = _current(connection)
        raise ServiceError(
            f"the database of NEXUS_POSTGRES_URL is at revision {found}, which this release does not know ({error}); "
            "use the release that wrote it, or name another database"
        ) from error


def _check_server(connection: sa.Connection) -> None:
    version = connection.dialect.server_version_info or ()
    if version < _OLDEST_SERVER:
        found, oldest = ".".join(map(str, version)), _OLDEST_SERVER[0]
        raise ServiceError(f"the server of NEXUS_POSTGRES_URL is Postgres {found}; {oldest} or newer is needed")
    encoding = connection.scalar(sa.text("SHOW server_encoding"))
    if encoding != "UTF8":
        raise ServiceError(
            f"the database of NEXUS_POSTGRES_URL has encoding {encoding}, which cannot hold every name; "
            "create one with ENCODING 'UTF8' (createdb -E UTF8 -T template0)"
        )
