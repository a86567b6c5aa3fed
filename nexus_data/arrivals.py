"""What is new in the landing folder: settled files and the hash of what they hold. Takes nothing in."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nexus_data.landing import Landing, discover
from nexus_data.settings import Settings

SETTLE_SECONDS = 5.0
"""A file whose inode changed less than this ago may still be written."""

_FILES_AT_ONCE = 25
_BYTES_AT_ONCE = 8 * 1024**3

Seen = Mapping[str, str]
"""Path -> stamp of the files that were there before."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A settled new file, by the hash of its bytes, and whose it is."""

    landing: Landing
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What is new, and what to compare with next time. waiting: settled new files that were left for next time."""

    new: tuple[Arrival, ...]
    seen: dict[str, str]
    waiting: int = 0


def arrivals(settings: Settings, seen: Seen, *, now: float | None = None) -> Arrivals:
    """Look at `<home>/landing` once; files and bytes hashed at once are bounded, the rest waits for the next look."""
    moment = time.time() if now is None else now
    settled = {str(one.path): (one, _stamp(one.path, moment)) for one in discover(settings)}
    stamps = {path: stamp for path, (_, stamp) in settled.items() if stamp}
    fresh = [path for path, stamp in stamps.items() if seen.get(path) != stamp]
    new = _hashed([settled[path][0] for path in fresh])
    done = {str(one.landing.path) for one in new}
    waiting = [path for path in fresh if path not in done and Path(path).exists()]
    return Arrivals(
        new=tuple(new),
        seen={path: stamp for path, stamp in stamps.items() if path in done or path not in fresh},
        waiting=len(waiting),
    )


def _stamp(path: Path, now: float) -> str | None:
    try:
        found = path.stat()
    except OSError:
        return None
    if now - found.st_ctime < SETTLE_SECONDS:
        return None
    return f"{found.st_size}:{found.st_ctime_ns}"


def _hashed(landings: list[Landing]) -> list[Arrival]:
    found: list[Arrival] = []
    for landing in landings:
        if len(found) == _FILES_AT_ONCE or sum(one.size for one in found) > _BYTES_AT_ONCE:
            break
        try:
            with landing.path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                found.append(Arrival(landing=landing, sha256=digest, size=file.tell()))
        except OSError:
            continue
    return found
