"""Files that a user sent for a task: kept by content below `<home>/uploads` until the task has taken them in.

Not in the landing folder, where the landing sensor would take them in by itself, ahead of the task.
"""

import hashlib
import os
import re
import secrets
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from nexus_data.errors import QuestionError

_ROOM = "uploads"
_LIFE_SECONDS = 86_400.0
_NAME_BYTES = 200
_UNFIT = re.compile(r"[\x00-\x1f\x7f/\\]")


@dataclass(slots=True)
class Upload:
    """A file that is coming in, block by block; `kept` puts it in its place, whole."""

    home: Path
    user_id: str
    name: str
    size: int = 0
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    _part: Path = field(init=False)
    _file: BinaryIO = field(init=False)

    def __post_init__(self) -> None:
        self.name = plain_name(self.name)
        room = _room(self.home, self.user_id)
        room.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._part = room / f".{os.getpid()}-{secrets.token_hex(8)}.part"
        self._file = self._part.open("xb")

    def write(self, block: bytes) -> None:
        """Take the next bytes."""
        self._digest.update(block)
        self._file.write(block)
        self.size += len(block)

    def kept(self) -> str:
        """Put it in its place, durably; its id: the SHA-256, by which the user names it in a task."""
        self._file.flush()
        os.fsync(self._file.fileno())
        upload_id = self._digest.hexdigest()
        folder = _room(self.home, self.user_id) / upload_id
        folder.mkdir(exist_ok=True)
        self._part.rename(folder / self.name)
        os.utime(folder)
        return upload_id

    def close(self) -> None:
        """Let go of it; what was not kept is gone."""
        self._file.close()
        self._part.unlink(missing_ok=True)


def plain_name(text: str) -> str:
    """A file's name that stays in its folder and on one line; QuestionError when nothing of one is left."""
    name = _UNFIT.sub("_", text.strip()).lstrip(".")
    name = name.encode()[-_NAME_BYTES:].decode(errors="ignore")
    if not name:
        raise QuestionError("name the file: ?name=statement.csv; some contracts read from the name")
    return name


def waiting_bytes(home: Path, *, user_id: str) -> int:
    """How much of a user's uploads is kept by now, and of those that are coming in."""
    room, size = _room(home, user_id), 0
    for path in (*room.glob("*.part"), *room.glob("*/*")):
        with suppress(FileNotFoundError):  # swept, or in its place by now
            size += path.stat().st_size
    return size


def find(home: Path, *, user_id: str, upload_id: str) -> Path:
    """Where an upload of this user is; QuestionError when there is none, or not any more."""
    folder = _room(home, user_id) / upload_id
    found = sorted(folder.glob("*")) if folder.is_dir() else []
    if not found:
        raise QuestionError(f"there is no upload {upload_id[:16]}... (any more): send the file again")
    return found[0]


def sweep(home: Path, *, wanted: Collection[str], now: float | None = None) -> int:
    """Delete uploads older than a day, and halves of them, but those that an open task wants; how many there were."""
    before = (time.time() if now is None else now) - _LIFE_SECONDS
    old = [one for one in (home / _ROOM).glob("*/*") if one.name not in wanted and one.stat().st_mtime < before]
    for one in old:
        if one.is_dir():
            for file in one.iterdir():
                file.unlink()
            one.rmdir()
        else:
            one.unlink()
    return len(old)


def _room(home: Path, user_id: str) -> Path:
    """By a hash, because an id may hold anything, dots and slashes too."""
    return home / _ROOM / hashlib.sha256(user_id.encode()).hexdigest()[:32]
