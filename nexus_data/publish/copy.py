"""Binary COPY from Arrow: rows go from a file or a frame into a table without passing through Python values."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pgpq
import polars as pl
import psycopg
import pyarrow as pa
from psycopg import sql

_ROWS = 10_000


def copy_frame(cursor: psycopg.Cursor, frame: pl.DataFrame, *, table: sql.Composable, freeze: bool = False) -> int:
    """COPY a frame into a table of the same columns; 16-byte Binary goes into uuid. Rows copied.

    freeze: the table was made by this transaction, and its rows need no second write when they are first read; they
    are then seen by every snapshot that sees the table at all.
    """
    arrow = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    return _copy(cursor, arrow.schema, arrow.to_batches(max_chunksize=_ROWS), table, freeze=freeze)


def copy_arrow(cursor: psycopg.Cursor, path: Path, *, table: sql.Composable, freeze: bool = False) -> int:
    """COPY an Arrow IPC file, batch by batch as it was written. Rows copied."""
    # Not mapped: pages once read would stay in this process' memory, and a mart may be larger than that.
    with pa.OSFile(str(path)) as source, pa.ipc.open_file(source) as file:
        batches = (file.get_batch(number) for number in range(file.num_record_batches))
        return _copy(cursor, file.schema, batches, table, freeze=freeze)


def as_jsonb(frame: pl.DataFrame, *, columns: Iterable[str]) -> pl.DataFrame:
    """JSON text as jsonb's binary form, which is a version byte before the text."""
    return frame.with_columns((pl.lit("\x01") + pl.col(name)).alias(name) for name in columns).select(frame.columns)


def _copy(
    cursor: psycopg.Cursor,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    table: sql.Composable,
    *,
    freeze: bool = False,
) -> int:
    names = sql.SQL(", ").join(map(sql.Identifier, schema.names))
    options = sql.SQL("FORMAT binary, FREEZE" if freeze else "FORMAT binary")
    statement = sql.SQL("COPY {} ({}) FROM STDIN ({})").format(table, names, options)
    with cursor.copy(statement) as target:
        for chunk in _encode(schema, batches):
            target.write(chunk)
    return cursor.rowcount


def _encode(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    encoder = pgpq.ArrowToPostgresBinaryEncoder(schema)
    yield bytes(encoder.write_header())
    for batch in batches:
        yield bytes(encoder.write_batch(batch))
    yield bytes(encoder.finish())
