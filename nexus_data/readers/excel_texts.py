"""Cells that spreadsheets write as formulas so that nobody takes their text for a number: ="00123" shows 00123."""

import re

import polars as pl

MARK = b'="'
"""Stands in every text that has such a cell."""

_FORMULA = r'\A[ \t-\r]*="([^"]*)"[ \t-\r]*\z'
_CELL = re.compile(_FORMULA.replace(r"\z", r"\Z"))


def as_shown(text: str) -> str:
    """The text that a spreadsheet would show."""
    return found[1] if (found := _CELL.match(text)) else text


def all_as_shown(frame: pl.DataFrame) -> pl.DataFrame:
    """The same for every column of texts."""
    return frame.with_columns(pl.col(pl.String).str.replace(_FORMULA, "$1"))
