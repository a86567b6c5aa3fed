"""Where a run keeps accepted and rejected records between its steps: Parquet files in its staging folder."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from nexus_data.kernel.revisions import MARKED
from nexus_data.lake import lake_schema
from nexus_data.readers.starts import STARTS_SCHEMA
from nexus_data.seen import Seen, near_key
from nexus_data.tables import CANONICAL
from nexus_data.tables.model import GENERATION

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

FACTS = (
    "file_no",
    "record_no",
    "month",
    "file_id",
    "source",
    "user_id",
    "milestone_id",
    "row_fp",
    "content_fp",
    "identity",
    "by_content",
)
"""What is decided about operations by."""

_MIXED = "all"


@dataclass(slots=True)
class Stage:
    """Accepted rows by canonical table, buffered so that few and large files are written.

    A run that fits the buffer leaves one file a table, whatever months it spans; a larger one leaves files by month, so
    that no later step needs more than a month in memory. Of operations that `generation` is likely to publish as they
    are, such a file has FACTS alone, and `ready` names the one that the lake may take over.
    """

    folder: Path
    generation: int | None = None
    flush_rows: int = 250_000
    _seen: Seen = field(default_factory=Seen)
    _parents: dict[str, pl.Series] = field(default_factory=dict)
    _buffers: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    _flushed: set[str] = field(default_factory=set)
    _number: int = 0

    def accept(self, table: str, rows: pl.DataFrame) -> None:
        """Take accepted rows of a table."""
        if rows.height == 0:
            return
        buffer = self._buffers.setdefault(table, [])
        buffer.append(rows)
        if sum(frame.height for frame in buffer) >= self.flush_rows:
            self._flush(table, by_month=CANONICAL[table].partition_by is not None)

    def expect(self, column: str, parents: pl.Series) -> None:
        """Take ids that operations will likely be allowed to name in a column of theirs."""
        known = self._parents.get(column, parents.clear())
        if not (news := parents.drop_nulls().unique()).is_in(known.implode()).all():
            self._parents[column] = pl.concat([known, news.rename(known.name)]).unique()

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
        if self.generation is not None:
            frame = self._make_ready(table, frame, self.generation)
        for (month,), rows in frame.partition_by("month", as_dict=True).items():
            self._write(rows, root / str(month))

    def _make_ready(self, table: str, frame: pl.DataFrame, generation: int) -> pl.DataFrame:
        """Write the operations that are new as far as this run has seen, in the order of the key; the others."""
        new = self._seen.first(frame["identity"]) & frame.select(self._expected()).to_series()
        published = pl.lit(generation, dtype=pl.Int64).alias(GENERATION.name)
        order = frame.select(near_key("identity"), "month").with_row_index().filter(new).sort("near_key")
        for (month,), places in order.partition_by("month", as_dict=True, maintain_order=True).items():
            rows = frame[places["index"]]
            self._write(rows.select(FACTS), self.folder / "accepted" / table / str(month))
            path = ready(self._path(self.folder / "accepted" / table / str(month)))
            path.parent.mkdir(parents=True, exist_ok=True)
            whole = rows.with_columns(published, operation_id="identity").select(lake_schema(CANONICAL[table]).names())
            whole.write_parquet(path, compression="lz4")
        return frame.filter(~new)

    def _expected(self) -> pl.Expr:
        none = pl.Series([], dtype=pl.String)
        user, milestone = (self._parents.get(name, none).implode() for name in ("user_id", "milestone_id"))
        named = pl.col("milestone_id")
        return pl.col("user_id").is_in(user).fill_null(value=False) & (named.is_null() | named.is_in(milestone))

    def _write(self, rows: pl.DataFrame, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._number += 1
        rows.write_parquet(self._path(folder), compression="lz4", statistics=False)

    def _path(self, folder: Path) -> Path:
        return folder / f"{self._number:06d}.parquet"


def ready(facts: str | Path) -> Path:
    """The file of the lake's form beside a staged file of FACTS; where there is none, the staged file has it all."""
    *_, _, table, month, name = Path(facts).parts
    return Path(facts).parents[3] / "ready" / table / month / name


def months(group: Sequence[str]) -> list[str]:
    """The months of a group of staged files."""
    folder = Path(group[0]).parent.name
    if folder != _MIXED:
        return [folder]
    found = pl.scan_parquet(list(group), glob=False).select(pl.col("month").unique()).collect()
    return found.to_series().to_list()


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
