"""Rows of a workbook as texts: of one sheet, or of each that a contract's `format.sheets` names, in turn."""

import datetime as dt
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl

from nexus_data.verify import layout as layouts
from nexus_data.verify.containers import whole
from nexus_data.verify.delimited import HEADER, Raw
from nexus_data.verify.layout import Layout, UnreadableError
from nexus_data.verify.typed import as_raw, plain

_Rows = Iterator[tuple[int, tuple[str, ...]]]
"""Each row that is not blank, without empty cells at its end, under its number in the sheet."""


def laid_out(path: Path, body: Mapping[str, Any]) -> Layout:
    """How a workbook lies: of the sheets that the contract may mean, the first that a variant knows most of."""
    form = body["format"]
    best: Layout | None = None
    for sheet, rows in _first_rows(path, form, form.get("preamble", 0) + 2):
        for found in layouts.fitting(rows, body):
            if best is None or found.known > best.known:
                best = replace(found, sheet=sheet)
    if best is None:
        raise UnreadableError("no variant of its contract has the header of a sheet")
    return best


def _first_rows(path: Path, form: Mapping[str, Any], count: int) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    with _opened(path) as book:
        for sheet in book.worksheets:
            if form.get("sheet") in (None, sheet.title) and re.search(form.get("sheets", ""), sheet.title):
                rows = [cells for _, cells in islice(_rows(sheet), count)]
                width = max(map(len, rows), default=0)
                yield sheet.title, [_filled(cells, width) for cells in rows]


def records(path: Path, layout: Layout, body: Mapping[str, Any]) -> Iterator[Raw]:
    """Every row behind a header, of the sheets that the contract means.

    Raises UnreadableError for a workbook without the sheet, or of which two sheets have other headers.
    """
    sheets = body["format"].get("sheets", "")
    with _opened(path) as book:
        first: Sequence[str] | None = None
        for sheet in _wanted(book, layout, sheets):
            rows = _rows(sheet)
            header, told = _header(rows, layout, body)
            if first is not None and header != first:
                raise UnreadableError(f"sheet {sheet.title!r} has another header than sheet {layout.sheet!r}")
            first = header
            title = sheet.title if sheets else None
            found = (_record(cells, layout, line, header, title) for line, cells in rows)
            yield from layouts.padded(found, told)


def _wanted(book: Any, layout: Layout, sheets: str) -> list[Any]:
    """The sheets to read; of several, those in which something stands."""
    if layout.sheet not in book.sheetnames:
        raise UnreadableError(f"there is no sheet {layout.sheet!r}")
    if not sheets:
        return [book[layout.sheet]]
    named = [sheet for sheet in book.worksheets if re.search(sheets, sheet.title)]
    return [sheet for sheet in named if any(cell.value is not None for row in sheet.rows for cell in row)]


def _header(rows: _Rows, layout: Layout, body: Mapping[str, Any]) -> tuple[Sequence[str] | None, Layout]:
    """The header, and the layout with what the rows above it say."""
    if layout.header_row is None:
        return None, layout
    above = [cells for _, cells in islice(rows, layout.header_row + 1)]
    header = _filled(above[-1], len(layout.columns)) if above else ()
    return header, layouts.above(layout, above[:-1], body)


def _record(cells: tuple[str, ...], layout: Layout, line: int, header: Sequence[str] | None, sheet: str | None) -> Raw:
    width = len(layout.columns)
    row = _filled(cells, width)
    if len(row) > width:
        return as_raw(row[:width], layout, line=line, sheet=sheet)._replace(fields=None, code="TOO_MANY_FIELDS")
    found = as_raw(row, layout, line=line, sheet=sheet)
    repeats = header is not None and found.fields == header
    return found._replace(fields=None, code=HEADER) if repeats else found


def _filled(cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    return (*cells, *[""] * (width - len(cells)))


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    with whole(path) as source:
        book = _book(source)
        try:
            yield book
        finally:
            book.close()


def _book(source: Any) -> Any:
    with warnings.catch_warnings():
        # Styles and extensions that openpyxl leaves out are no data.
        warnings.simplefilter("ignore", UserWarning)
        return openpyxl.load_workbook(source, read_only=True, data_only=True)


def _rows(sheet: Any) -> _Rows:
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
    return plain(value)
