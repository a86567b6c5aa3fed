"""What the verifier makes of kept files, record by record, on disk: Parquet that DuckDB compares with the stores."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from nexus_data.tables.model import Kind, Table

_ROWS = 50_000

REJECTED = pa.schema(
    {
        "seq": pa.int64(),
        "record_no": pa.int64(),
        "hop": pa.string(),
        "rules": pa.string(),
        "line": pa.int64(),
        "raw": pa.string(),
        "row_fp": pa.int64(),
    }
)

MENTIONS = pa.schema({"seq": pa.int64(), "record_no": pa.int64(), "identity": pa.binary()})
"""Rows that rejected records of full exports would be."""


class Sum(NamedTuple):
    """Records, and the exact sum of their fingerprints."""

    records: int = 0
    fp: int = 0

    def plus(self, other: "Sum") -> "Sum":
        return Sum(self.records + other.records, self.fp + other.fp)


@dataclass(slots=True)
class Counts:
    """What became of records, by outcome."""

    records: Counter[str] = field(default_factory=Counter)
    fps: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def take(self, outcome: str, fp: int) -> None:
        self.records[outcome] += 1
        self.fps[outcome] += fp

    def sums(self) -> dict[str, Sum]:
        """By outcome."""
        return {name: Sum(count, self.fps[name]) for name, count in self.records.items()}


def given_columns(table: Table) -> list[str]:
    """The canonical columns that a file gives, as texts (instants as microseconds)."""
    given = {"operation_id", "generation", "source", "file_id", "record_no", "row_fp"}
    return [field.name for field in table.fields if field.name not in given]


def accepted_schema(table: Table) -> pa.Schema:
    """One row per accepted record."""
    kinds = {field.name: pa.int64() if field.kind is Kind.TIMESTAMP else pa.string() for field in table.fields}
    return pa.schema(
        {
            "seq": pa.int64(),
            "record_no": pa.int64(),
            "row_fp": pa.int64(),
            "content_fp": pa.int64(),
            "identity": pa.binary(),
            "by_content": pa.bool_(),
            "month": pa.string(),
            "action": pa.string(),
            "refers_to": pa.binary(),
            "version": pa.string(),
            **{name: kinds[name] for name in given_columns(table)},
        }
    )


class Writer:
    """One Parquet file of rows given one at a time as tuples."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._schema = schema
        self._writer = pq.ParquetWriter(path, schema, compression="lz4")
        self._rows: list[tuple[Any, ...]] = []

    def add(self, row: tuple[Any, ...]) -> None:
        self._rows.append(row)
        if len(self._rows) >= _ROWS:
            self._flush()

    def _flush(self) -> None:
        if not self._rows:
            return
        columns = zip(*self._rows, strict=True)
        arrays = [pa.array(list(column), type=kind) for column, kind in zip(columns, self._schema.types, strict=True)]
        self._writer.write_table(pa.table(arrays, schema=self._schema))
        self._rows = []

    def __enter__(self) -> "Writer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._flush()
        self._writer.close()


def accepted_path(folder: Path, table: str, seq: int) -> Path:
    """Where the accepted records of a landing are."""
    return folder / f"accepted-{table}-{seq:06d}.parquet"


def rejected_path(folder: Path, seq: int) -> Path:
    """Where the rejected records of a landing are."""
    return folder / f"rejected-{seq:06d}.parquet"


def mentions_path(folder: Path, table: str, seq: int) -> Path:
    """Where the rows that rejected records of a landing would be are, if it is a full export."""
    return folder / f"mentions-{table}-{seq:06d}.parquet"
