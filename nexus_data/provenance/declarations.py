"""What stands behind the columns of each mart, as declared in `sql/queries/provenance/<mart>/<table>.sql`.

Such a file is one SELECT of the rows of a table that contribute to a mart's cells, under a header that says of each
column, beside a word of meaning: `-- sum COLUMN: ...` the contributions add up to the cell, exactly; `-- count
COLUMN: ...` likewise, each row contributing 1; `-- attained COLUMN: ...` the rows that have the cell's value;
`-- copied COLUMN: ...` the row that the value was taken from; `-- derived COLUMN from OTHER, ...: ...` it is computed
from other cells of its row, which have rows of their own. `-- also by: COLUMN, ...` names columns outside the mart's
key by which cells may be chosen too; `-- counted by: COLUMN` the column that tells how many rows every sum has, so that
they need not be counted. Nothing is asked of a database here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast

from nexus_data.errors import MartError
from nexus_data.mart_declarations import Mart, declared
from nexus_data.sql import ROOT, query
from nexus_data.tables import CANONICAL, EVIDENCE

How = Literal["sum", "count", "attained", "copied", "derived"]

_ROOM = "provenance"
_COLUMN = re.compile(
    r"--\s*(?P<how>sum|count|attained|copied|derived) (?P<column>\w+)(?P<of> from[^:]*)?: (?P<said>.*)"
)
_COUNTED = re.compile(r"--\s*counted by: (?P<column>\w+)")
_ALSO = re.compile(r"--\s*also by: (?P<columns>.*)")


@dataclass(frozen=True, slots=True)
class Behind:
    """What is behind one column.

    rows: the query of its rows, of table `table`. made_of: the cells of a derived one. counted_by: the column that
    tells how many rows there are, "" where none does.
    """

    column: str
    how: How
    meaning: str
    rows: str
    table: str
    made_of: tuple[str, ...] = ()
    counted_by: str = ""

    @property
    def adds_up(self) -> bool:
        """Whether contributions of rows, and cells over a part of the key, add up."""
        return self.how in ("sum", "count")


@dataclass(frozen=True, slots=True)
class MartProvenance:
    """A mart with what is behind each of its columns that is not part of its key. by: columns that choose cells."""

    mart: Mart
    columns: Mapping[str, Behind]
    by: tuple[str, ...]

    @property
    def of_users(self) -> bool:
        """Whether each of its cells is one user's; else they are of everybody's data."""
        return "user_id" in self.mart.key


@cache
def provenance() -> Mapping[str, MartProvenance]:
    """Every mart's, by name. MartError names the column behind which nothing is declared, or a file of no mart."""
    marts = {mart.name: mart for mart in declared()}
    found: dict[str, dict[str, Behind]] = {name: {} for name in marts}
    also: dict[str, set[str]] = {name: set() for name in marts}
    for path in sorted((ROOT / "queries" / _ROOM).glob("*/*.sql")):
        mart, table = _place(path, marts)
        columns, by = _header(f"{_ROOM}/{mart}/{table}", table)
        found[mart] |= columns
        also[mart] |= by
    return {name: _checked(mart, found[name], also[name]) for name, mart in marts.items()}


def _place(path: Path, marts: Mapping[str, Mart]) -> tuple[str, str]:
    """The mart and the table that a file's path says."""
    mart, table = path.parent.name, path.stem
    if mart not in marts or table not in (*CANONICAL, *EVIDENCE):
        raise MartError(f"{path}: there is no mart {mart} or no table {table}")
    return mart, table


def _header(name: str, table: str) -> tuple[dict[str, Behind], set[str]]:
    columns: dict[str, Behind] = {}
    by: set[str] = set()
    counted = _COUNTED.search(query(name))
    for line in query(name).splitlines():
        if entry := _COLUMN.fullmatch(line):
            how, column = cast(How, entry["how"]), entry["column"]
            made_of = _names((entry["of"] or "").removeprefix(" from"))
            # Each row of a count contributes one.
            count = column if how == "count" else counted["column"] if counted and how == "sum" else ""
            columns[column] = Behind(column, how, entry["said"], name, table, made_of, count)
        elif entry := _ALSO.fullmatch(line):
            by |= set(_names(entry["columns"]))
    return columns, by


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _checked(mart: Mart, columns: Mapping[str, Behind], also: set[str]) -> MartProvenance:
    names = [name for name, _ in mart.columns if name not in mart.key]
    of = {part for behind in columns.values() for part in behind.made_of}
    missing = [name for name in names if name not in columns]
    strange = sorted((set(columns) | also | of) - {name for name, _ in mart.columns})
    if missing or strange:
        what = f"nothing is declared behind its column {missing[0]}" if missing else f"it has no column {strange[0]}"
        raise MartError(f"{mart.path}: {what}: see sql/queries/{_ROOM}/{mart.name}/<table>.sql")
    return MartProvenance(mart, columns, (*mart.key, *sorted(also)))
