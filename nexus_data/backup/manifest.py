"""What a backup says of itself: every file of it with size and SHA-256, and the generation that it is of."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from nexus_data.errors import BackupError

NAME = "manifest.json"
DUMP = "postgres.dump"
HOME = "home"
UPLOADS = "uploads"
WHOLE = ("raw", "contracts", "lake", "corrections", "reports", "last-published-run")
"""What is kept whole of a home. Contracts as they read its files: a later release may have others."""
PARTS = (UPLOADS, *WHOLE)
"""All that is kept. Of uploads those alone that a task waits to take in; the note of the last run stands last."""

_FORMAT = 1
_BLOCK = 1 << 20


class Kept(msgspec.Struct, frozen=True):
    """A file of the backup, by its path in it."""

    path: str
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """created_at: UTC. settings: those that were set, without secrets."""

    format: int
    release: str
    created_at: datetime
    generation: int
    settings: dict[str, str]
    files: list[Kept]

    @property
    def bytes(self) -> int:
        """Of all files together."""
        return sum(kept.bytes for kept in self.files)


def write(folder: Path, *, release: str, created_at: datetime, generation: int, settings: dict[str, str]) -> Manifest:
    """Describe what lies in the folder; the manifest is its last file."""
    made = Manifest(_FORMAT, release, created_at, generation, settings, list(_files(folder)))
    (folder / NAME).write_bytes(msgspec.json.format(msgspec.json.encode(made)))
    return made


def checked(folder: Path) -> Manifest:
    """The manifest of a backup that is whole; BackupError names the first file that is not as it was written."""
    try:
        made = msgspec.json.decode((folder / NAME).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise BackupError(f"{folder} is no backup: {NAME} cannot be read: {error}") from error
    if made.format != _FORMAT:
        raise BackupError(f"{folder}: format {made.format} is not known to this release, which reads {_FORMAT}")
    found = {kept.path: kept for kept in _files(folder)}
    for kept in made.files:
        if found.pop(kept.path, None) != kept:
            raise BackupError(f"{folder / kept.path} is missing or not as it was written: this backup is damaged")
    if found:
        raise BackupError(f"{folder / min(found)} does not belong to this backup")
    return made


def _files(folder: Path) -> Iterator[Kept]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / NAME:
            yield Kept(path.relative_to(folder).as_posix(), path.stat().st_size, _sha256(path))


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
