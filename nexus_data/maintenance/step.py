"""Maintenance as a whole: what is cheap and safe to do every night. Removing things is cleanup's."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.rows import dict_row

from nexus_data.maintenance.lake_files import compact
from nexus_data.maintenance.sizes import measure
from nexus_data.maintenance.statistics import analyze_changed, vacuum_where_it_pays
from nexus_data.postgres.connect import connection
from nexus_data.runs import open_run
from nexus_data.settings import Settings
from nexus_data.sql import query

_BLOATED_TIMES = 2
_BLOATED_BYTES = 8 * 1024**2
_SEEN_BYTES = 1024**2


@dataclass(frozen=True, slots=True)
class Maintained:
    """What was done. compacted: files put together, by month or lake table. sizes: bytes of database and folders.

    unused: indexes of some size that no query has used since Postgres began to count; bloated: those at least twice as
    large as their entries need (REINDEX CONCURRENTLY makes them small again). Both are told, never acted on.
    """

    analyzed: tuple[str, ...]
    vacuumed: tuple[str, ...]
    compacted: dict[str, int]
    sizes: dict[str, int]
    unused: tuple[str, ...]
    bloated: tuple[str, ...]


def maintain(settings: Settings, *, run_id: str | None = None, now: datetime | None = None) -> Maintained:
    """Do it, as the only writer. Raises RunError when another run holds the lock for longer than it may."""
    with open_run(settings, run_id=run_id or str(uuid4())) as run:
        compacted = compact(run)
        with connection(run.services.postgres_url) as database:
            database.autocommit = True
            vacuumed = vacuum_where_it_pays(database)
            analyzed = analyze_changed(database)
            sizes = measure(database, home=settings.home, now=now or datetime.now(UTC))
            unused, bloated = _indexes(database)
    return Maintained(
        analyzed=tuple(analyzed),
        vacuumed=tuple(vacuumed),
        compacted=compacted,
        sizes=sizes,
        unused=unused,
        bloated=bloated,
    )


def _indexes(database: psycopg.Connection[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    with database.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(query("maintenance/indexes")).fetchall()
    unused = [i["name"] for i in found if not i["scans"] and not i["unique_key"] and i["bytes"] >= _SEEN_BYTES]
    bloated = [
        i["name"] for i in found if i["bytes"] >= _BLOATED_BYTES and i["bytes"] >= _BLOATED_TIMES * int(i["needed"])
    ]
    return tuple(unused), tuple(bloated)
