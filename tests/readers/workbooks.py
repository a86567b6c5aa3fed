"""Workbooks for tests: sheets by their names, rows as they are given."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import openpyxl


def write(path: Path, **sheets: Iterable[Sequence[Any]]) -> None:
    """An xlsx file with these sheets, in this order."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
