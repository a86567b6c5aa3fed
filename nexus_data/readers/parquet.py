"""Parquet to batches. Row groups are decoded a part at a time, so that a large one does not fill the memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from nexus_data.errors import FileError
from nexus_data.readers.containers import seekable
from nexus_data.readers.exact_text import texts
from nexus_data.readers.layout import Layout
from nexus_data.readers.table_batch import TableBatch, table_batch

_MAX_ROWS = 1 << 17


def parquet_columns(path: Path, *, max_expanded_bytes: int) -> tuple[str, ...]:
    """The names of the columns, in order. FileError if it is a damaged file."""
    with _opened(path, max_expanded_bytes) as file:
        return tuple(file.schema_arrow.names)


def read_parquet(path: Path, layout: Layout, *, batch_bytes: int, max_expanded_bytes: int) -> Iterator[TableBatch]:
    """Every row. FileError if it is a damaged file, possibly after some batches."""
    record = 1
    with _opened(path, max_expanded_bytes) as file:
        parts = file.iter_batches(batch_size=_rows_for(file, batch_bytes))
        while (part := _next(parts, path)) is not None:
            rows = _rows(part, layout)
            yield table_batch(rows, layout, record=record)
            record += rows.height


def _rows_for(file: Any, batch_bytes: int) -> int:
    groups = (file.metadata.row_group(i) for i in range(file.metadata.num_row_groups))
    size: int = sum(group.total_byte_size for group in groups)
    rows: int = file.metadata.num_rows
    return min(max(batch_bytes * rows // max(size, 1), 1), _MAX_ROWS)


def _rows(part: Any, layout: Layout) -> pl.DataFrame:
    columns = (_series(part.column(i)) for i in range(part.num_columns))
    named = zip(layout.columns, columns, strict=True)
    return pl.DataFrame([texts(column).alias(name) for name, column in named])


def _series(column: Any) -> pl.Series:
    """The column in Polars; decimals of more than 38 digits and extension types (UUID), which it has not, as text."""
    if pa.types.is_decimal256(column.type) or isinstance(column.type, pa.BaseExtensionType):
        return pl.Series([_text(value) for value in column.to_pylist()], dtype=pl.String())
    return pl.Series(values=column)


def _text(value: object) -> str | None:
    if value is None:
        return None
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _next(parts: Any, path: Path) -> Any:
    with _named_errors(path):
        part = next(parts, None)
        if part is not None:
            part.validate(full=True)
        return part


@contextmanager
def _opened(path: Path, max_expanded_bytes: int) -> Iterator[Any]:
    with seekable(path, max_expanded_bytes=max_expanded_bytes) as raw, _parquet(raw, path) as file:
        yield file


def _parquet(raw: IO[bytes], path: Path) -> Any:
    with _named_errors(path):
        return pq.ParquetFile(raw)


@contextmanager
def _named_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise FileError(f"{path} is a damaged Parquet file ({error}); fetch it again") from None
