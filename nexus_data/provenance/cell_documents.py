"""What is asked of a mart's cell, and what is told of the rows behind it, as plain values.

Money is exact decimal text, days are ISO 8601 text; null is null.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import msgspec

from nexus_data.provenance.declarations import How

MOST_ROWS = 1000
TRACED = ("projects", "project_milestones")
"""Keyed tables whose rows a user can trace."""


class RowBehind(msgspec.Struct, frozen=True):
    """A row that contributes. date: of operations. own: whether it is the reader's; of others only the share is told.

    contribution: exact decimal text, None where nothing adds up (see `how` of the answer).
    """

    table: str
    id: str
    date: str | None
    contribution: str | None
    own: bool
    source: str | None
    file_id: str | None
    record_no: int | None
    trace: str | None


class CellValue(msgspec.Struct, frozen=True):
    """Another cell of the same row."""

    column: str
    value: str | None
    how: How
    meaning: str


class Cell(msgspec.Struct, frozen=True):
    """A page of what is behind a cell, all of one generation.

    key: the columns that choose the cell; where some of the mart's key are left out, it is the sum of `cells` cells.
    how: sum or count (contributions add up to value), attained (the rows that have the value), copied (the row that it
    was taken from), derived (of the cells in made_of, which have rows of their own). rows_behind: how many rows there
    are on all pages. page_sum: of this page's contributions. next: the cursor of the next page, None on the last.
    removed_months: those of the days asked for that retention took out of Postgres; operations of these, if there are
    any, count in a value that the mart tells, and are on no page.
    """

    generation: int
    mart: str
    key: dict[str, str]
    column: str
    how: How
    meaning: str
    value: str | None
    cells: int
    rows_behind: int
    rows: list[RowBehind]
    page_sum: str | None
    next: str | None
    made_of: list[CellValue] = []
    removed_months: list[str] = []


@dataclass(frozen=True, slots=True)
class Wanted:
    """A cell, or the sum of the cells that share these columns. user_id: whose; None: everybody's (no user's mart).

    first_day, last_day: of the operations behind it alone those of these days, both included; None: without an end.
    """

    mart: str
    column: str
    key: Mapping[str, str] = field(default_factory=dict)
    user_id: str | None = None
    cursor: str | None = None
    limit: int = 100
    first_day: date | None = None
    last_day: date | None = None

    @property
    def days(self) -> dict[str, str]:
        """The days that are given, as the API calls them."""
        given = {"from": self.first_day, "to": self.last_day}
        return {name: day.isoformat() for name, day in given.items() if day is not None}
