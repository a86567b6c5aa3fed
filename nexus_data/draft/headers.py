"""Which of the first rows names the columns, if any does. What the names mean is in `roles`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nexus_data.draft.words import best, lists

_DATA = re.compile(r"^[\W_]*\d[\d\W]*$|^\d{4}-\d\d-\d\d[T ].*$|^(true|false)$|^[A-Z]{2}[A-Z0-9]{9}\d$", re.IGNORECASE)
_LOOKED = 12
_LEAST = 0.7
"""A header may be somewhat shorter or longer than the records: delimiters at the ends of lines come and go."""
_SAID = 55
"""A cell that is so like a listed word counts as a column name."""


@dataclass(frozen=True, slots=True)
class Header:
    """row: index of the header among the rows, None where the first row is data. notes, open: for people."""

    row: int | None
    notes: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


def find_header(rows: Sequence[Sequence[str]], width: int) -> Header:
    """The first row as wide as most whose cells are names and not data."""
    places = [place for place, row in enumerate(rows) if _LEAST * width <= len(row) <= width / _LEAST]
    at = max(places[:_LOOKED], key=lambda place: (_weight(rows, place), -place), default=0)
    names, below = rows[at], [rows[place] for place in places if place > at and len(rows[place]) == width]
    said = [name for name in names if is_name(name)]
    if said and len(said) * 4 >= len([name for name in names if name.strip()]) and not _mostly_data(names):
        return Header(at, notes=(f"{len(said)} of its {len(names)} names are known words, such as {said[0]!r}",))
    pairs = [(name, [row[place] for row in below if place < len(row)]) for place, name in enumerate(names)]
    contrast = [name for name, cells in pairs if _stands_out(name, cells)]
    if contrast:
        return Header(at, notes=(f"{contrast[0]!r} stands over numbers or dates and is neither",))
    if _mostly_data(rows[places[0]]) or (said == [] and any(is_data(cell) for cell in names)):
        return Header(None, notes=("the first row holds numbers or dates where the rows below do: no header",))
    return Header(
        at,
        notes=("no name is a known word",),
        open=("header = true: the first row names the columns", "header = false: the first row is a record"),
    )


def is_name(cell: str) -> bool:
    """Whether a cell says what some column of an export is called."""
    return bool(cell.strip()) and any(best(cell, role) >= _SAID for role in lists("headers"))


def is_data(cell: str) -> bool:
    """Whether a cell is a number, a day, a time, an ISIN or a truth value."""
    return bool(_DATA.match(cell.strip()))


def _weight(rows: Sequence[Sequence[str]], place: int) -> float:
    """How much a row looks like names: known words count twice, distinct texts once, data against it."""
    cells = [cell for cell in rows[place] if cell.strip()]
    if not cells:
        return 0
    names = sum(2 * is_name(cell) + (not is_data(cell)) - 3 * is_data(cell) for cell in cells)
    return names * len(set(cells)) / len(cells)


def _mostly_data(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and 2 * sum(map(is_data, filled)) >= len(filled)


def _stands_out(name: str, below: Sequence[str]) -> bool:
    filled = [cell for cell in below if cell.strip()]
    return bool(name.strip()) and not is_data(name) and bool(filled) and all(map(is_data, filled))
