"""Where a run keeps accepted and rejected records between its steps: Parquet files in its staging folder."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from nexus_data.kernel.revisions import MARKED
from nexus_data.readers.starts import STARTS_SCHEMA
from nexus_data.tables import CANONICAL

REJECTED_SCHEMA = pl.Schema(
    {
        "file_no": pl.Int64(),
        "record_no": pl.Int64(),
        "line": pl.Int64(),
        "hop": pl.String(),
        "rules": pl.String(),
        "raw": pl.String(),
        "row_fp": pl.Int64(),
    }
)

MARKS_SCHEMA = pl.Schema({"file_no": pl.Int64(), "record_no": pl.Int64(), **MARKED})

MENTIONS_SCHEMA = pl.Schema({"file_no": pl.Int64(), "row_id": pl.Binary()})

_FLUSH_ROWS = 250_000
_MIXED = "all"


@dataclass(slots=True)
class Stage:
    """Accepted rows by canonical table, buffered so that few and large files are written.

    A run that fits the buffer leaves one file a table, whatever months it spans; a larger one leaves files by month, so
    that no later step needs more than a month in memory.
    """

    folder: Path
    _buffers: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    _flushed: set[str] = field(default_factory=set)
    _number: int = 0

    def accept(self, table: str, rows: pl.DataFrame) -> None:
        """Take accepted rows of a table."""
        if rows.height == 0:
            return
        buffer = self._buffers.setdefault(table, [])
        buffer.append(rows)
        if sum(frame.height for frame in buffer) >= _FLUSH_ROWS:
            self._flush(table, by_month=CANONICAL[table].partition_by is not None)

    def mark(self, rows: pl.DataFrame) -> None:
        """Take what the contract's source says of its accepted revisions (MARKS_SCHEMA among the columns)."""
        revisions = rows.select(MARKS_SCHEMA.names()).filter(pl.col("action").is_not_null())
        if revisions.height:
            self._write(revisions, self.folder / "revisions")

    def mention(self, rows: pl.DataFrame) -> None:
        """Take which rows the rejected records of a snapshot file would be (MENTIONS_SCHEMA)."""
        if rows.height:
            self._write(rows.select(MENTIONS_SCHEMA.names()), self.folder / "mentions")

    def reject(self, rows: pl.DataFrame) -> None:
        """Take rejected records (REJECTED_SCHEMA)."""
        if rows.height:
            self._write(rows.select(REJECTED_SCHEMA.names()), self.folder / "rejected")

    def start(self, file_no: int, rows: pl.DataFrame) -> None:
        """Take where the records of a part of a file start (STARTS_SCHEMA)."""
        if rows.height:
            self._write(rows, self.folder / "starts" / str(file_no))

    def close(self) -> None:
        """Write what is still buffered."""
        for table in list(self._buffers):
            self._flush(table, by_month=table in self._flushed)

    def _flush(self, table: str, *, by_month: bool) -> None:
        # Rows are gathered from one chunk for an eighth of what they cost from several.
        frame = pl.concat(self._buffers.pop(table)).rechunk()
        root = self.folder / "accepted" / table
        if not by_month:
            self._write(frame, root / _MIXED)
            return
        self._flushed.add(table)
        for (month,), rows in frame.partition_by("month", as_dict=True).items():
            self._write(rows, root / str(month))

    def _write(self, rows: pl.DataFrame, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._number += 1
        rows.write_parquet(folder / f"{self._number:06d}.parquet", compression="lz4", statistics=False)


def units(staging: Path, table: str) -> list[list[str]]:
    """The staged files of a table, grouped so that every month's rows stand in one group and a group fits in memory."""
    root = staging / "accepted" / table
    folders = sorted(folder for folder in root.glob("*") if folder.is_dir())
    return [sorted(str(file) for file in folder.glob("*.parquet")) for folder in folders]


def read_marks(staging: Path) -> pl.DataFrame:
    """The revisions among the accepted records (MARKS_SCHEMA)."""
    return _read(staging / "revisions", MARKS_SCHEMA)


def read_mentions(staging: Path) -> pl.DataFrame:
    """The rows that rejected records of snapshot files would be (MENTIONS_SCHEMA)."""
    return _read(staging / "mentions", MENTIONS_SCHEMA)


def read_starts(staging: Path, *, file_no: int) -> pl.DataFrame:
    """Where the records of a file start, as far as that was told (STARTS_SCHEMA)."""
    return _read(staging / "starts" / str(file_no), STARTS_SCHEMA)


def _read(folder: Path, columns: pl.Schema) -> pl.DataFrame:
    found = sorted(str(file) for file in folder.glob("*.parquet"))
    return pl.read_parquet(found, glob=False) if found else columns.to_frame()


def rejected(staging: Path) -> list[str]:
    """The files of rejected records."""
    return sorted(str(file) for file in (staging / "rejected").glob("*.parquet"))


def read_rejected(staging: Path, *, files: Sequence[int]) -> pl.DataFrame:
    """The rejected records of these files of the run."""
    found = rejected(staging)
    frame = pl.read_parquet(found, glob=False) if found else REJECTED_SCHEMA.to_frame()
    return frame.filter(pl.col("file_no").is_in(list(files)))
