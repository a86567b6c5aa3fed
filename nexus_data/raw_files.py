"""The bytes of landed files: kept once by content hash, unchanged. What is in them is not known here."""

import errno
import hashlib
import os
import stat
import time
from io import BufferedReader
from pathlib import Path

from nexus_data.durable import sync
from nexus_data.errors import FileError
from nexus_data.runs import INCOMING

_BLOCK = 256 * 1024
"""Fits the processor's cache, where the digest finds what was just read, and is faulted in once a file."""


def kept_path(home: Path, sha256: str) -> Path:
    """Where the bytes of a file are kept: `<home>/raw/<first two hex digits>/<sha256>`."""
    return home / "raw" / sha256[:2] / sha256


def printable(path: Path) -> str:
    """The path as text that any database takes: bytes of a name that are no UTF-8 are written as \\xNN."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def keep(home: Path, path: Path) -> tuple[Path, str, int]:
    """Copy a file to its `kept_path`, durably and once; its place, SHA-256 and size.

    Raises FileError when it is no readable file, or changes while it is read.
    """
    folder = home / INCOMING
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{os.getpid()}-{time.monotonic_ns()}"
    try:
        sha256, size = _copy(path, part)
        place = kept_path(home, sha256)
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            part.chmod(0o400)
            part.rename(place)
            sync(place.parent)
        return place, sha256, size
    finally:
        part.unlink(missing_ok=True)


def _opened(path: Path) -> BufferedReader:
    try:
        # Opening a FIFO would wait for its writer; what a regular file's flags are makes no difference to it.
        source = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    except OSError as error:
        raise FileError(f"{printable(path)}: cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
        source.close()
        raise FileError(f"{printable(path)}: is not a regular file; give files, or folders holding files")
    return source


def _copy(path: Path, part: Path) -> tuple[str, int]:
    digest, block = hashlib.sha256(), memoryview(bytearray(_BLOCK))
    try:
        with _opened(path) as source, part.open("xb") as target:
            before = os.fstat(source.fileno())
            while size := source.readinto(block):
                digest.update(block[:size])
                target.write(block[:size])
            target.flush()
            os.fsync(target.fileno())
            if os.fstat(source.fileno()).st_mtime_ns != before.st_mtime_ns:
                raise FileError(f"{printable(path)}: changed while it was read; land it again when it is complete")
    except OSError as error:
        if error.errno != errno.EIO:
            raise  # of the home: no space, no right
        raise FileError(f"{printable(path)}: cannot be read: {error.strerror}") from error
    return digest.hexdigest(), part.stat().st_size
