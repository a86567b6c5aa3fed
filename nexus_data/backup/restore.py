"""Restoring: an installation from a backup, in an empty home and an empty database."""

import shutil
from pathlib import Path

from nexus_data.backup.manifest import DUMP, HOME, PARTS, Manifest, checked
from nexus_data.backup.programs import database, run
from nexus_data.cache import refresh
from nexus_data.errors import BackupError
from nexus_data.postgres.connect import connection
from nexus_data.postgres.migrate import migrate
from nexus_data.services import running
from nexus_data.settings import Settings
from nexus_data.sql import query

_RESTORING = ".restoring"


def restore(settings: Settings, source: Path) -> Manifest:
    """Make the installation of `settings` the one that was backed up in `source`, brought up to this release.

    Nothing is touched before the backup is found whole, and home and database empty; BackupError says what is not.
    """
    made = checked(source)
    home = settings.home
    if there := [name for name in PARTS if (home / name).exists()]:
        raise BackupError(f"{home / there[0]} is there: restore into an empty NEXUS_HOME, or delete this one first")
    home.mkdir(parents=True, exist_ok=True)
    with running(settings) as services:
        url = services.postgres_url
        _demand_empty(url)
        shutil.rmtree(home / _RESTORING, ignore_errors=True)
        shutil.copytree(source / HOME, home / _RESTORING)
        arguments = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
        run(settings, "pg_restore", [*arguments, f"--dbname={database(url)}", source / DUMP], url=url)
        _settle(home)
        migrate(url)
        refresh(database_url=url, redis_url=services.redis_url, generation=made.generation)
    return made


def _demand_empty(url: str) -> None:
    with connection(url) as opened:
        row = opened.execute(query("postgres/tables_there")).fetchone()
    if row and row[0]:
        raise BackupError(
            f"the database {database(url)} has tables ({row[0]} and perhaps more): restore into an empty one"
        )


def _settle(home: Path) -> None:
    """The note of the last run comes last: without it, the home is not taken for a finished one."""
    for name in PARTS:
        if (home / _RESTORING / name).exists():
            (home / _RESTORING / name).replace(home / name)
    (home / _RESTORING).rmdir()
