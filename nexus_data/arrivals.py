"""What is new in the landing folder: settled files that the ledger does not know yet. Takes nothing in."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nexus_data.landing import Landing, discover
from nexus_data.postgres.connect import connection
from nexus_data.postgres.migrate import migrate
from nexus_data.services import running
from nexus_data.settings import Settings
from nexus_data.sql import query

SETTLE_SECONDS = 5.0
"""A file whose inode changed less than this ago may still be written."""

_FILES_AT_ONCE = 500
_BYTES_AT_ONCE = 8 * 1024**3

Seen = Mapping[str, str]
"""Path -> stamp (size and time of last change) of the files that were looked at before."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A settled new file, by the SHA-256 of its bytes, and the user whose it is."""

    path: Path
    sha256: str
    user: str


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What is new, and what to compare with next time."""

    new: tuple[Arrival, ...]
    seen: dict[str, str]


def arrivals(settings: Settings, seen: Seen, *, now: float | None = None) -> Arrivals:
    """Look at `<home>/landing` once.

    Files and bytes hashed at once are bounded: what is beyond is not in `seen`, so that the next look finds it. Raises
    ServiceError when the ledger cannot be asked.
    """
    stamps = _settled(discover(settings), time.time() if now is None else now)
    fresh = [landing for landing, stamp in stamps.items() if seen.get(str(landing.path)) != stamp]
    looked = _hashed(fresh, settings)
    known = _known(settings, looked) if looked else set()
    left = {landing.path for landing in fresh} - {one.path for one in looked}
    return Arrivals(
        new=tuple(one for one in looked if (one.sha256, one.user) not in known),
        seen={str(landing.path): stamp for landing, stamp in stamps.items() if landing.path not in left},
    )


def _settled(landings: Sequence[Landing], now: float) -> dict[Landing, str]:
    found: dict[Landing, str] = {}
    for landing in landings:
        try:
            status = landing.path.stat()
        except OSError:
            continue  # gone again
        if now - status.st_ctime >= SETTLE_SECONDS:
            found[landing] = f"{status.st_size}:{status.st_ctime_ns}"
    return found


def _hashed(landings: Sequence[Landing], settings: Settings) -> list[Arrival]:
    found: list[Arrival] = []
    read = 0
    for landing in landings[:_FILES_AT_ONCE]:
        if read > _BYTES_AT_ONCE:
            break
        try:
            with landing.path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                read += file.tell()
        except OSError:
            continue
        found.append(Arrival(landing.path, digest, landing.user or settings.default_user))
    return found


def _known(settings: Settings, files: Sequence[Arrival]) -> set[tuple[str, str]]:
    with running(settings) as services:
        migrate(services.postgres_url)
        with connection(services.postgres_url) as database:
            hashes = [file.sha256 for file in files]
            return set(database.execute(query("ledger/landed_contents"), {"sha256": hashes}).fetchall())
