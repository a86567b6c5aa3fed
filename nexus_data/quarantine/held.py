"""Files held because no contract read them, and that one reads by now: to be landed again, from the bytes kept."""

from collections.abc import Sequence
from pathlib import Path

import psycopg

from nexus_data.contract.load import Source, load_all
from nexus_data.contract.match import Match, match
from nexus_data.errors import FileError
from nexus_data.landing import Landing, said_by_path
from nexus_data.quarantine.selection import Selection
from nexus_data.raw_files import kept_path
from nexus_data.settings import Settings
from nexus_data.sql import query


def readable_held_files(
    settings: Settings, database: psycopg.Connection, *, selection: Selection
) -> tuple[Landing, ...]:
    """The held files that would go in now; `selection.source` says whose contracts may read them, its rule nothing."""
    contracts = load_all()
    held = database.execute(query("quarantine/held_files"), selection.parameters(database)).fetchall()
    landings = [_landing(settings, row, selection.source) for row in held]
    return tuple(landing for landing in landings if _readable(landing, contracts, settings))


def _landing(settings: Settings, row: Sequence[str | None], source: str | None) -> Landing:
    sha256, name, owner, landed_as, landed_for, _ = map(str, row)
    said = said_by_path(Path(landed_as), settings.home / "landing")[0] if row[3] else None
    user = landed_for if row[4] else owner if owner != settings.default_user else None
    return Landing(
        path=kept_path(settings.home, sha256),
        source=source or said,
        user=user,
        landed_as=Path(landed_as if row[3] else name),
    )


def _readable(landing: Landing, contracts: Sequence[Source], settings: Settings) -> bool:
    limit = settings.max_expanded_bytes
    named = str(landing.landed_as)
    try:
        found = match(landing.path, contracts, landed_as=named, source=landing.source, max_expanded_bytes=limit)
    except FileError:
        return False
    return isinstance(found, Match)
