"""Files of operations: chunk by chunk into CSV, JSON lines, gzip and zip, each beside the count of its records."""

import gzip
import hashlib
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import polars as pl

from nexus_data.generate.defects import Defect, Published, Rates, listed, mess, published
from nexus_data.generate.expected import FileLedger
from nexus_data.generate.operations import Stream
from nexus_data.generate.text import HEADER, csv_bytes

CHUNK = 200_000
"""Records made at a time. Part of what a seed means: another value gives other duplicates."""

_ZIP_TIME = (2025, 7, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Span:
    """Operations [first, last) of a stream, with the defects of one export."""

    stream: Stream
    first: int
    last: int
    rates: Rates
    defects: tuple[Defect, ...]
    earlier: Published | None = None


def chunks(span: Span, *, head: bool = True) -> Iterator[pl.DataFrame]:
    """The records of an export, in order, with what becomes of each."""
    for first in range(span.first, span.last, CHUNK):
        index = pl.int_range(first, min(first + CHUNK, span.last), eager=True)
        records = listed(span.stream, index, earlier=span.earlier)
        yield mess(records, span.stream, rates=span.rates, defects=span.defects, head=head and first == span.first)


def write_csv(out: BinaryIO, frames: Iterator[pl.DataFrame], ledger: FileLedger, *, header_again: int = 0) -> None:
    """Header and records; the header is repeated after so many records of the first chunk (0: never)."""
    out.write(HEADER)
    for frame in frames:
        rest = frame
        if header_again:
            _write(out, frame.head(header_again), ledger, csv_bytes)
            out.write(HEADER)
            ledger.one("skipped")
            rest, header_again = frame.slice(header_again), 0
        _write(out, rest, ledger, csv_bytes)


def write_lines(
    out: BinaryIO, frames: Iterator[pl.DataFrame], ledger: FileLedger, *, render: Callable[[pl.DataFrame], bytes]
) -> None:
    """Records without a header."""
    for frame in frames:
        _write(out, frame, ledger, render)


def _write(out: BinaryIO, frame: pl.DataFrame, ledger: FileLedger, render: Callable[[pl.DataFrame], bytes]) -> None:
    out.write(render(frame))
    ledger.many(frame)


@contextmanager
def gzipped(path: Path) -> Iterator[BinaryIO]:
    """A gzip file without name and time, so that the same content gives the same bytes."""
    with path.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
        yield packed  # type: ignore[misc]


def write_zip(path: Path, members: Sequence[tuple[str, Iterator[pl.DataFrame]]], ledger: FileLedger) -> None:
    """A zip of CSV files; records are counted through all members, in their order."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, frames in members:
            with archive.open(zipfile.ZipInfo(name, date_time=_ZIP_TIME), "w", force_zip64=True) as member:
                write_csv(member, frames, ledger)  # type: ignore[arg-type]


def digest(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(slots=True)
class Watch:
    """Notes which operations of a range (from `since`) an export publishes, while its chunks pass."""

    since: int
    found: list[pl.DataFrame]

    def over(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """The same chunks."""
        for frame in frames:
            self.found.append(published(frame.filter(pl.col("index") >= self.since)))
            yield frame

    @property
    def published(self) -> Published:
        """What was noted so far."""
        return Published(pl.concat(self.found))
