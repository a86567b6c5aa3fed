"""Rows of files that are no text (Parquet, a workbook) as texts; what stands for a row's raw text is a JSON object."""

import datetime as dt
import json
import warnings
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from nexus_data.verify.containers import whole
from nexus_data.verify.delimited import Raw
from nexus_data.verify.layout import Layout, UnreadableError

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
                yield _raw(row, layout, None)


def sheets(path: Path, name: str | None, count: int) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """The first rows that are not blank of every sheet, or of the named one."""
    with whole(path) as source:
        book = _book(source)
        for sheet in book.worksheets:
            if name in (None, sheet.title):
                rows = [
                    cells for _, cells in zip(range(count), (cells for _, cells in _sheet_rows(sheet)), strict=False)
                ]
                width = max(map(len, rows), default=0)
                yield sheet.title, [(*cells, *[""] * (width - len(cells))) for cells in rows]
        book.close()


def workbook_rows(path: Path, layout: Layout) -> Iterator[Raw]:
    """Every row of the layout's sheet that is not blank, the header among them. Numbers of rows are their lines."""
    width = len(layout.columns)
    with whole(path) as source:
        book = _book(source)
        if layout.sheet not in book.sheetnames:
            raise UnreadableError(f"there is no sheet {layout.sheet!r}")
        for line, cells in _sheet_rows(book[layout.sheet]):
            row = (*cells, *[""] * (width - len(cells)))
            if len(row) > width:
                yield _raw(row[:width], layout, line)._replace(fields=None, code="TOO_MANY_FIELDS")
            else:
                yield _raw(row, layout, line)
        book.close()


def _raw(row: Sequence[str], layout: Layout, line: int | None) -> Raw:
    text = json.dumps(dict(zip(layout.columns, row, strict=True)), ensure_ascii=False)
    if "\\u0000" in text and any("\0" in one for one in row):
        return Raw(None, "NUL", line, text.replace("\\u0000", "\\x00"))
    return Raw(row, None, line, text)


def _book(source: Any) -> Any:
    with warnings.catch_warnings():
        # Styles and extensions that openpyxl leaves out are no data.
        warnings.simplefilter("ignore", UserWarning)
        return openpyxl.load_workbook(source, read_only=True, data_only=True)


def _sheet_rows(sheet: Any) -> Iterator[tuple[int, tuple[str, ...]]]:
    for line, cells in enumerate(sheet.rows, start=1):
        texts = [_cell(cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if any(text.strip() for text in texts):
            yield line, tuple(texts)


def _cell(cell: Any) -> str:
    value = cell.value
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time() and "h" not in str(cell.number_format).lower()
        return value.date().isoformat() if midnight else value.isoformat()
    return _plain(value)


def _plain(value: object) -> str:
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
    return _plain(value)
