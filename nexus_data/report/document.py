"""What a report consists of, before any format: sections of charts and tables, each number with the way to its rows.

How it looks is the business of html, pdf and xlsx; what it says that of `sections`.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote_plus

Content = str | int | Decimal | date | datetime | None
Kind = Literal["text", "number", "share", "date", "instant"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a mart, or the sum of the cells that share `key`, of one user; of the days from first to last alone,
    where they are given."""

    mart: str
    column: str
    user_id: str
    key: tuple[tuple[str, str], ...] = ()
    first: date | None = None
    last: date | None = None

    @property
    def question(self) -> str:
        """The query of the API's /provenance, and of `nexus trace --cell`."""
        return _question(self)


@lru_cache(maxsize=32_768)
def _question(cell: Cell) -> str:
    """Made once, though every format asks for it: most of a page's time went into it."""
    days = (("from", cell.first), ("to", cell.last))
    given = ((name, day.isoformat()) for name, day in days if day is not None)
    parts = (("mart", cell.mart), ("column", cell.column), *cell.key, *given, ("user_id", cell.user_id))
    return "&".join(f"{_quoted(name)}={_quoted(text)}" for name, text in parts)


@lru_cache(maxsize=8_192)
def _quoted(text: str) -> str:
    return quote_plus(text, safe=":")


@dataclass(frozen=True, slots=True)
class Command:
    """A command that lists what is behind a number."""

    text: str


Behind = Cell | Command


@dataclass(frozen=True, slots=True)
class Part:
    """A term of a number: what it is behind, and how it goes into the sum."""

    behind: Behind
    value: Content
    sign: Literal["+", "-"] = "+"


@dataclass(frozen=True, slots=True)
class Value:
    """What stands in a table. parts: what a number is the sum of, exactly; none: it is no number, or a computed one,
    which `how` explains. places: how many decimal places are shown at least."""

    content: Content
    parts: tuple[Part, ...] = ()
    how: str = ""
    places: int = 0
    mark: Literal["", "bad", "good"] = ""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """name: unique in its table. kind says how values are aligned and written."""

    name: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """found: how many rows there are; where that is more than are in `rows`, the reader is told. empty: what to say
    where there are none."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    found: int
    empty: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """name: of its specification in `charts/`. rows: its data; numbers may be Decimals: a picture rounds, tables do
    not. height: of one panel; panels: one below the other, by the field `panel` of the data."""

    name: str
    title: str
    rows: tuple[dict[str, Any], ...]
    note: str = ""
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """name: what links and sheets call it."""

    name: str
    title: str
    intro: str = ""
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """The headline of one currency."""

    currency: str
    income: Value
    expenses: Value
    net: Value


@dataclass(frozen=True, slots=True)
class Report:
    """All of one generation. whose: as a title says it. cards: a currency each, the busiest first."""

    whose: str
    detail: str
    period: str
    days: tuple[date, date]
    generation: int
    published_at: datetime
    cards: tuple[Card, ...]
    sections: tuple[Section, ...]
