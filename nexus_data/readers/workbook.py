"""Workbooks (.xlsx) to batches: one sheet, one record a row. A record's line is its row number in the sheet."""

import datetime as dt
import itertools
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import openpyxl
import polars as pl
from openpyxl.utils.exceptions import InvalidFileException

from nexus_data.contract.columns import SHEET
from nexus_data.errors import FileError
from nexus_data.readers.above import with_facts
from nexus_data.readers.containers import seekable
from nexus_data.readers.exact_text import number_text
from nexus_data.readers.layout import Layout
from nexus_data.readers.table_batch import TableBatch, table_batch

_BATCH_ROWS = 10_000
# What openpyxl and the layers below it raise on damaged files.
_DAMAGE = (
    AttributeError,
    EOFError,
    IndexError,
    InvalidFileException,
    KeyError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class _Row:
    """The texts of a row that is not blank, without empty cells at its end, and its number in the sheet."""

    cells: tuple[str, ...]
    line: int


def sheet_rows(path: Path, sheet: str | None, count: int, *, max_expanded_bytes: int) -> dict[str, tuple[Any, ...]]:
    """The first `count` rows of every sheet, or of the named one, by sheet; all of a width. FileError if damaged."""
    found = {}
    with _opened(path, max_expanded_bytes) as book:
        for name in [one.title for one in book.worksheets if sheet in (None, one.title)]:
            rows = [row.cells for row in itertools.islice(_rows(book, name, path), count)]
            width = max(map(len, rows), default=0)
            found[name] = tuple(_padded(cells, width) for cells in rows)
    return found


def read_workbook(path: Path, layout: Layout, *, max_expanded_bytes: int) -> Iterator[TableBatch]:
    """Every row that is not blank of the layout's sheet, or sheets.

    FileError if it is a damaged file, or has no such sheet, or another header in one of several sheets.
    """
    with _opened(path, max_expanded_bytes) as book:
        if layout.sheet is None or layout.sheet not in book.sheetnames:
            raise FileError(f"{path} has no sheet {layout.sheet!r}")
        record, first = 1, None
        for sheet in _sheets(book, layout):
            rows = _rows(book, sheet, path)
            header, told = _header(rows, layout)
            first = header if first is None else first
            if header != first:
                raise FileError(f"{path}: sheet {sheet!r} has another header than sheet {layout.sheet!r}; take it out")
            for batch in _batches(rows, told, header, record):
                yield _of_sheet(batch, sheet) if layout.sheets else batch
                record += batch.rows.height


def _sheets(book: Any, layout: Layout) -> list[str]:
    """The names of the sheets to read. Those without any row are passed over."""
    if not layout.sheets or layout.sheet is None:
        return [str(layout.sheet)]
    return [one.title for one in book.worksheets if re.search(layout.sheets, one.title) and _has_rows(one)]


def _has_rows(sheet: Any) -> bool:
    return any(cell.value is not None for row in sheet.rows for cell in row)


def _header(rows: Iterator[_Row], layout: Layout) -> tuple[Sequence[str] | None, Layout]:
    """The header, and the layout with what the rows above it say."""
    if layout.header_row is None:
        return None, layout
    above = [row.cells for row in itertools.islice(rows, layout.header_row + 1)]
    return _padded(above[-1], len(layout.columns)) if above else (), with_facts(layout, above[:-1])


def _of_sheet(batch: TableBatch, sheet: str) -> TableBatch:
    named = replace(batch, sheet=sheet, records=batch.records.with_columns(pl.lit(sheet).alias(SHEET)))
    return replace(named, broken=batch.broken.select(pl.exclude("raw"), _raws(named)).select(batch.broken.columns))


def _raws(batch: TableBatch) -> pl.Series:
    return batch.locate(batch.broken["record_no"])["raw"].str.replace_all("\\u0000", "\\x00", literal=True)


def _batches(rows: Iterator[_Row], layout: Layout, header: Sequence[str] | None, record: int) -> Iterator[TableBatch]:
    while part := list(itertools.islice(rows, _BATCH_ROWS)):
        yield _batch(part, layout, header, record)
        record += len(part)


def _batch(part: Sequence[_Row], layout: Layout, header: Sequence[str] | None, record: int) -> TableBatch:
    width = len(layout.columns)
    codes = {i: "TOO_MANY_FIELDS" for i, row in enumerate(part) if len(row.cells) > width}
    table = [_padded(row.cells, width)[:width] for row in part]
    rows = pl.DataFrame(table, schema=dict.fromkeys(layout.columns, pl.String()), orient="row")
    return table_batch(rows, layout, record=record, lines=[row.line for row in part], codes=codes, header=header)


def _padded(cells: Sequence[str], width: int) -> tuple[str, ...]:
    return (*cells, *[""] * (width - len(cells)))


def _rows(book: Any, sheet: str, path: Path) -> Iterator[_Row]:
    with _named_errors(path):
        rows = iter(book[sheet].rows)
    for line in itertools.count(1):
        with _named_errors(path):
            cells = next(rows, None)
        if cells is None:
            return
        texts = _without_end([_text(cell) for cell in cells])
        if any(text.strip() for text in texts):
            yield _Row(texts, line)


def _without_end(cells: list[str]) -> tuple[str, ...]:
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, dt.datetime):
        only_date = value.time() == dt.time() and "h" not in str(cell.number_format).lower()
        return value.date().isoformat() if only_date else value.isoformat()
    return value.isoformat() if isinstance(value, (dt.date, dt.time)) else str(value)


@contextmanager
def _opened(path: Path, max_expanded_bytes: int) -> Iterator[Any]:
    with seekable(path, max_expanded_bytes=max_expanded_bytes) as raw:
        _check_size(raw, path, max_expanded_bytes)
        book = _book(raw, path)
        try:
            yield book
        finally:
            book.close()


def _check_size(raw: IO[bytes], path: Path, limit: int) -> None:
    with _named_errors(path), zipfile.ZipFile(raw) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size > limit:
        raise FileError(f"{path} expands beyond {limit} bytes; if that is right, raise NEXUS_MAX_EXPANDED_BYTES")
    raw.seek(0)


def _book(raw: IO[bytes], path: Path) -> Any:
    with _named_errors(path), warnings.catch_warnings():
        # openpyxl warns of styles and extensions that it leaves out; none of them is data.
        warnings.simplefilter("ignore", UserWarning)
        return openpyxl.load_workbook(raw, read_only=True, data_only=True)


@contextmanager
def _named_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except FileError:
        raise
    except _DAMAGE as error:
        raise FileError(f"{path} is a damaged workbook ({error}); save it again") from None
