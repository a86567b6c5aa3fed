"""What a kept file is packed in: nothing, gzip, zstd, or zip with one or several members, told by its first bytes.

Unpacking streams and never holds more than a few MiB. What the unpacked bytes mean is not known here.
"""

import gzip
import io
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

import zstandard

from nexus_data.errors import FileError

HEAD_BYTES = 1 << 16
_GZIP, _ZSTD, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", (b"PK\x03\x04", b"PK\x05\x06")
# One zstd block of 4 bytes can stand for 128 KiB: this much input expands to at most 64 MiB.
_ZSTD_INPUT = 2048


class Source(Protocol):
    """Anything that hands out bytes in order; b"" means the end."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Member:
    """One unpacked stream of a file; `name` is the zip member's name, or "" when the file is one stream."""

    name: str
    source: Source

    def where(self, path: Path) -> str:
        """The file, and the member if there are several, for messages."""
        return _where(path, self.name)


def _where(path: Path, member: str) -> str:
    return f"{path} (member {member})" if member else str(path)


def members(path: Path, *, max_expanded_bytes: int) -> Iterator[Member]:
    """The unpacked streams of the file, to be read one after the other.

    FileError for a folder, a file that vanished or cannot be read, a broken or encrypted container, and (while
    reading) one that ends too early or expands beyond `max_expanded_bytes` in all.
    """
    with opened(path) as raw:
        limit = _Limit(path, max_expanded_bytes)
        if _starts(raw) in _ZIP:
            yield from _zip_members(path, raw, limit)
        else:
            yield Member("", _unpacked(path, raw, limit))


@contextmanager
def seekable(path: Path, *, max_expanded_bytes: int) -> Iterator[IO[bytes]]:
    """The file's one unpacked stream as a seekable file, for formats that are read from their end."""
    with opened(path) as raw, tempfile.TemporaryFile() as spool:
        magic = _starts(raw)
        if is_workbook(raw) or not (magic.startswith(_GZIP) or magic in (_ZSTD, *_ZIP)):
            yield raw
            return
        # The stream closes with the generator, which therefore has to have a name.
        streams = members(path, max_expanded_bytes=max_expanded_bytes)
        source = next(streams).source
        while block := source.read(1 << 20):
            spool.write(block)
        spool.seek(0)
        yield spool


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The file as it lies. FileError for a folder, a file that vanished or one that cannot be opened."""
    with _named_errors(path):
        raw = path.open("rb")
    with raw:
        yield raw


def read_up_to(source: Source, size: int) -> bytes:
    """The next `size` bytes, or fewer at the end: unlike `read`, which may give fewer at any time."""
    parts = []
    while size > 0 and (block := source.read(size)):
        parts.append(block)
        size -= len(block)
    return b"".join(parts)


def is_workbook(raw: IO[bytes]) -> bool:
    """Whether an open file is an .xlsx workbook (which is itself a zip); the position is left at the start."""
    if _starts(raw) not in _ZIP:
        return False
    try:
        with zipfile.ZipFile(raw) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False
    finally:
        raw.seek(0)


@contextmanager
def _named_errors(path: Path, member: str = "") -> Iterator[None]:
    """Turn what goes wrong while unpacking into a FileError that names the file."""
    where = _where(path, member)
    try:
        yield
    except IsADirectoryError:
        raise FileError(f"{path} is a folder, not a file; name the files in it") from None
    except FileNotFoundError:
        raise FileError(f"{path} is not there any more; land it again") from None
    except EOFError:
        raise FileError(f"{where} ends too early: the container is truncated; fetch it again") from None
    except (zlib.error, zipfile.BadZipFile, gzip.BadGzipFile, zstandard.ZstdError) as error:
        raise FileError(f"{where} is a damaged container ({error}); fetch it again") from None
    except NotImplementedError as error:
        raise FileError(f"{where} is packed in a way that cannot be read ({error}); pack it again") from None
    except OSError as error:
        raise FileError(f"{where} cannot be read: {error.strerror or error}") from None


class _Limit:
    """How many unpacked bytes the file may still give, over all its members."""

    def __init__(self, path: Path, limit: int) -> None:
        self._path, self._limit, self._used = path, limit, 0

    def take(self, count: int) -> None:
        self._used += count
        if self._used > self._limit:
            raise FileError(
                f"{self._path} expands beyond {self._limit} bytes; if that is right, raise NEXUS_MAX_EXPANDED_BYTES"
            )


@dataclass(frozen=True, slots=True)
class _Guarded:
    """A stream whose errors name the file and whose bytes count against the limit (none: a plain file)."""

    path: Path
    member: str
    source: Source
    limit: _Limit | None

    def read(self, size: int, /) -> bytes:
        with _named_errors(self.path, self.member):
            block = self.source.read(size)
        if self.limit is not None:
            self.limit.take(len(block))
        return block


def _starts(raw: IO[bytes]) -> bytes:
    head = raw.read(4)
    raw.seek(0)
    return head


def _unpacked(path: Path, raw: IO[bytes], limit: _Limit) -> Source:
    with _named_errors(path):
        magic = _starts(raw)
    if magic[:2] == _GZIP:
        return _Guarded(path, "", gzip.GzipFile(fileobj=raw), limit)
    if magic == _ZSTD:
        return _Guarded(path, "", _Zstd(raw), limit)
    return _Guarded(path, "", raw, None)


def _zip_members(path: Path, raw: IO[bytes], limit: _Limit) -> Iterator[Member]:
    with _named_errors(path):
        archive = zipfile.ZipFile(raw)
    with archive:
        entries = [entry for entry in archive.infolist() if _is_data(entry)]
        if not entries:
            raise FileError(f"{path} is a zip without any file in it")
        for entry in entries:
            if entry.flag_bits & 0x1:
                raise FileError(f"{path} (member {entry.filename}) is encrypted; land it unpacked")
            with _named_errors(path, entry.filename):
                source = archive.open(entry)
            with source:
                yield Member(entry.filename, _Guarded(path, entry.filename, source, limit))


def _is_data(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename
    hidden = name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith(".")
    return not entry.is_dir() and not hidden


class _Zstd:
    """zstd frames one after the other; unlike zstandard's own stream reader it notices a truncated last frame."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._started = False
        self._ready = io.BytesIO()

    def read(self, size: int, /) -> bytes:
        while True:
            if block := self._ready.read(size):
                return block
            piece = self._raw.read(_ZSTD_INPUT)
            if not piece:
                return self._end()
            self._ready = io.BytesIO(self._decompressed(piece))

    def _decompressed(self, piece: bytes) -> bytes:
        out = []
        while piece:
            out.append(self._frame.decompress(piece))
            self._started = not self._frame.eof
            piece = self._frame.unused_data if self._frame.eof else b""
            if self._frame.eof:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
        return b"".join(out)

    def _end(self) -> bytes:
        if self._started:
            raise EOFError
        return b""
