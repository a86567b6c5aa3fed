"""The unpacked streams of a kept file: gzip, zstd, the members of a zip, or the bytes as they lie."""

import gzip
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple, cast

import zstandard


class Member(NamedTuple):
    """One stream; name is that of a zip's member, else empty."""

    name: str
    stream: IO[bytes]


def members(path: Path) -> Iterator[Member]:
    """Every stream of the file, in order; each is read before the next is asked for."""
    with path.open("rb") as raw:
        magic = raw.read(4)
        raw.seek(0)
        if magic.startswith(b"\x1f\x8b"):
            yield Member("", cast(IO[bytes], gzip.GzipFile(fileobj=raw)))
        elif magic == b"\x28\xb5\x2f\xfd":
            yield Member("", zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True))
        elif magic in (b"PK\x03\x04", b"PK\x05\x06"):
            with zipfile.ZipFile(raw) as archive:
                for entry in _entries(archive):
                    with archive.open(entry) as stream:
                        yield Member(entry.filename, stream)
        else:
            yield Member("", raw)


@contextmanager
def whole(path: Path) -> Iterator[Path | IO[bytes]]:
    """The one stream of a file that is read from its end (Parquet, a workbook): its path, or its bytes unpacked."""
    import io

    with path.open("rb") as raw:
        magic = raw.read(4)
    if magic.startswith(b"PK") and _is_workbook(path):
        yield path
    elif magic.startswith((b"\x1f\x8b", b"PK")) or magic == b"\x28\xb5\x2f\xfd":
        yield io.BytesIO(next(members(path)).stream.read())
    else:
        yield path


def _is_workbook(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        return "xl/workbook.xml" in archive.namelist()


def _entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The members that are data: no folders, no hidden files, nothing that a Mac put beside them."""
    return [
        entry
        for entry in archive.infolist()
        if not entry.is_dir()
        and not entry.filename.startswith("__MACOSX/")
        and not entry.filename.rsplit("/", 1)[-1].startswith(".")
    ]
