"""Rows of Parquet, and values of any file that is no text, as texts; for a row's raw text stands a JSON object."""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from nexus_data.verify.containers import whole
from nexus_data.verify.delimited import SHEET, Raw
from nexus_data.verify.layout import Layout

_ROWS = 20_000


def parquet_names(path: Path) -> tuple[str, ...]:
    """The names of the columns."""
    with whole(path) as source, pq.ParquetFile(source) as file:
        return tuple(file.schema_arrow.names)


def parquet_rows(path: Path, layout: Layout) -> Iterator[Raw]:
    """Every row."""
    with whole(path) as source, pq.ParquetFile(source) as file:
        for batch in file.iter_batches(batch_size=_ROWS):
            columns = [_texts(batch.column(place)) for place in range(batch.num_columns)]
            for row in zip(*columns, strict=True):
                yield as_raw(row, layout)


def as_raw(row: Sequence[str], layout: Layout, *, line: int | None = None, sheet: str | None = None) -> Raw:
    """A row of texts as a record. sheet: the one that it stands in, where several are read."""
    told = {SHEET: sheet} if sheet else {}
    text = json.dumps({**told, **dict(zip(layout.columns, row, strict=True))}, ensure_ascii=False)
    if "\\u0000" in text and any("\0" in one for one in row):
        return Raw(None, "NUL", line, text.replace("\\u0000", "\\x00"), sheet)
    return Raw(row, None, line, text, sheet)


def plain(value: object) -> str:
    """A single value as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float_text(repr(value))
    return value.isoformat() if isinstance(value, (dt.date, dt.time)) else str(value)


def _float_text(text: str) -> str:
    """The shortest text of a float without an exponent and without `.0`."""
    if text.lstrip("-") in ("nan", "inf"):
        return text
    return format(Decimal(text), "f").removesuffix(".0")


def _texts(column: Any) -> list[str]:
    kind = column.type
    if pa.types.is_floating(kind):
        return ["" if text is None else _float_text(text) for text in pc.cast(column, pa.string()).to_pylist()]
    if pa.types.is_timestamp(kind):
        nanos = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}[kind.unit]
        return [
            _time_text(value, nanos, zoned=kind.tz is not None) for value in pc.cast(column, pa.int64()).to_pylist()
        ]
    return ["" if value is None else _value_text(value) for value in column.to_pylist()]


def _time_text(count: int | None, nanos: int, *, zoned: bool) -> str:
    if count is None:
        return ""
    seconds, rest = divmod(count * nanos, 10**9)
    text = (dt.datetime(1970, 1, 1) + dt.timedelta(seconds=seconds)).isoformat()
    digits = f"{rest:09d}"
    shown = digits[:3] if not rest % 10**6 else digits[:6] if not rest % 10**3 else digits
    return text + (f".{shown}" if rest else "") + ("+00:00" if zoned else "")


def _value_text(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
    if isinstance(value, (list, dict)):
        return json.dumps(value, default=str, ensure_ascii=False, separators=(",", ":"))
    return plain(value)
