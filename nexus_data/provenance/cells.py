"""The rows behind a cell of a mart, page by page: contributions whose exact sum is the cell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from psycopg import sql

from nexus_data.errors import QuestionError, StaleCursorError, TraceError
from nexus_data.provenance.asking import Asking, Question, Row, generation
from nexus_data.provenance.cell_documents import MOST_ROWS, TRACED, Cell, CellValue, RowBehind, Wanted
from nexus_data.provenance.cell_pages import after, next_page, placed
from nexus_data.provenance.declarations import Behind, MartProvenance, provenance
from nexus_data.provenance.sums import total
from nexus_data.provenance.texts import value_text
from nexus_data.sql import query

OPERATIONS = "trading_operations"


def cell(wanted: Wanted) -> Asking[Cell]:
    """A page of the rows behind the cell.

    Raises QuestionError for a mart, column or key that is not there, TraceError when there is no such cell, and
    StaleCursorError when the cursor is of an earlier generation: the pages would not add up.
    """
    mart, behind = _declared(wanted)
    given = _given(wanted, mart)
    place = placed(wanted, given)
    current = yield from generation()
    if place is not None and place.generation != current:
        raise StaleCursorError(
            f"generation {current} was published since the first page, which was of {place.generation}: "
            "ask for the first page again"
        )
    row = yield from _row(mart, behind, given)
    if behind.how == "derived" and not wanted.days:
        return _answer(wanted, given, behind, current, row, made_of=_made_of(mart, behind, row.values))
    values = {**_values(mart, behind, given, row), **_days(wanted)}
    if wanted.days:
        _demand_days(wanted, behind)
        row = yield from _of_days(behind, values, row)
    count = place.count if place else (yield from _count(behind, values, row))
    rows = yield Question(_statement("provenance/page", behind), {**values, **after(place), "limit": wanted.limit + 1})
    removed = (yield from _removed(wanted)) if behind.table == OPERATIONS else []
    return _answer(wanted, given, behind, current, row, rows=rows, count=count, removed=removed)


@dataclass(frozen=True, slots=True)
class _Cells:
    """value: of the column. values: the mart's row, or only how many rows there are where the key is not whole. cells:
    how many."""

    value: Any
    values: Row
    cells: int


def _declared(wanted: Wanted) -> tuple[MartProvenance, Behind]:
    marts = provenance()
    if wanted.mart not in marts:
        raise QuestionError(f"there is no mart {wanted.mart!r}; the marts are {', '.join(marts)}")
    mart = marts[wanted.mart]
    if wanted.column in mart.mart.key:
        raise QuestionError(f"{wanted.column} is part of the key of {wanted.mart}, not a cell")
    if wanted.column not in mart.columns:
        raise QuestionError(f"{wanted.mart} has no column {wanted.column!r}; its cells are {', '.join(mart.columns)}")
    return mart, mart.columns[wanted.column]


def _given(wanted: Wanted, mart: MartProvenance) -> dict[str, str]:
    """The chosen columns, the reader's own user_id among them."""
    if unknown := [name for name in wanted.key if name not in mart.by]:
        raise QuestionError(f"cells of {wanted.mart} are not chosen by {unknown[0]!r}, but by {', '.join(mart.by)}")
    if mart.of_users and wanted.user_id is None:
        raise QuestionError(f"{wanted.mart} is of users: say whose cell it is")
    if not 1 <= wanted.limit <= MOST_ROWS:
        raise QuestionError(f"limit is from 1 to {MOST_ROWS}, not {wanted.limit}")
    if "date" in wanted.key:
        _demand_day(wanted.key["date"])
    if mart.of_users and wanted.key.get("user_id", wanted.user_id) != wanted.user_id:
        raise TraceError(f"{wanted.mart} has no such cell of yours")
    own = {"user_id": wanted.user_id} if mart.of_users and wanted.user_id is not None else {}
    return {**wanted.key, **own}


def _demand_day(text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise QuestionError(f"date is a day, YYYY-MM-DD, not {text!r}") from None


def _row(mart: MartProvenance, behind: Behind, given: Mapping[str, str]) -> Asking[_Cells]:
    """The cell, or the sum of the cells."""
    conditions = sql.SQL(" AND ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in given
    )
    table = sql.Identifier("marts", mart.mart.name)
    if set(mart.mart.key) <= set(given):
        statement = sql.SQL(query("provenance/cell")).format(mart=table, key=conditions)
        rows = yield Question(statement, given)
        if not rows:
            raise TraceError(f"{mart.mart.name} has no cell of {_shown(given)}")
        return _Cells(rows[0][behind.column], rows[0], 1)
    if not behind.adds_up:
        lacking = [name for name in mart.mart.key if name not in given]
        raise QuestionError(f"{behind.column} does not add up over cells: give {', '.join(lacking)} too")
    column, counted = sql.Identifier(behind.column), sql.Identifier(behind.counted_by or behind.column)
    chosen = conditions if given else sql.SQL("TRUE")
    statement = sql.SQL(query("provenance/cells")).format(mart=table, column=column, counted=counted, given=chosen)
    (total,) = yield Question(statement, given)
    if not total["cells"]:
        raise TraceError(f"{mart.mart.name} has no cell of {_shown(given)}")
    counts = {behind.counted_by: total["counted"]} if behind.counted_by else {}
    return _Cells(total["value"], counts, total["cells"])


def _shown(given: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value!r}" for name, value in given.items() if name != "user_id") or "yours"


def _values(mart: MartProvenance, behind: Behind, given: Mapping[str, str], row: _Cells) -> Row:
    """What the query of the rows may ask for: the mart's columns (null: any), and the column."""
    names = dict.fromkeys([name for name, _ in mart.mart.columns])
    return {**names, **row.values, **given, "column": behind.column}


def _days(wanted: Wanted) -> Row:
    return {"first_day": wanted.first_day, "last_day": wanted.last_day}


def _demand_days(wanted: Wanted, behind: Behind) -> None:
    if not behind.adds_up or behind.table != OPERATIONS:
        raise QuestionError(
            f"from and to choose among operations that add up; what is behind {wanted.mart}.{wanted.column} are none"
        )


def _of_days(behind: Behind, values: Row, row: _Cells) -> Asking[_Cells]:
    """What the operations of these days alone come to: a mart that knows no days is asked of its rows."""
    (found,) = yield Question(_statement("provenance/count", behind), values)
    counts = {behind.counted_by: found["rows"]} if behind.counted_by else {}
    return _Cells(found["total"] or 0, counts, row.cells)


def _removed(wanted: Wanted) -> Asking[list[str]]:
    """The months out of Postgres in which a row may lie that is on no page."""
    months = yield Question(query("ledger/removed_months"))
    day = date.fromisoformat(wanted.key["date"]) if "date" in wanted.key else None
    first, last = wanted.first_day or day or date.min, wanted.last_day or day or date.max
    return [one["month"] for one in months if first.isoformat()[:7] <= one["month"] <= last.isoformat()[:7]]


def _statement(name: str, behind: Behind) -> sql.Composed:
    return sql.SQL(query(name)).format(rows=sql.SQL(query(behind.rows)))


def _count(behind: Behind, values: Row, row: _Cells) -> Asking[int]:
    if behind.counted_by:
        return int(row.values[behind.counted_by] or 0)
    (found,) = yield Question(_statement("provenance/count", behind), values)
    return int(found["rows"])


def _made_of(mart: MartProvenance, behind: Behind, values: Row) -> list[CellValue]:
    cells = [mart.columns.get(name) or Behind(name, "copied", "part of the key", "", "") for name in behind.made_of]
    return [CellValue(one.column, value_text(values[one.column]), one.how, one.meaning) for one in cells]


def _answer(
    wanted: Wanted,
    given: Mapping[str, str],
    behind: Behind,
    current: int,
    row: _Cells,
    *,
    rows: list[Row] | None = None,
    count: int = 0,
    made_of: list[CellValue] | None = None,
    removed: list[str] | None = None,
) -> Cell:
    told = (rows or [])[: wanted.limit]
    last = told[-1] if len(rows or []) > wanted.limit else None
    page_sum = total(Decimal(one["contribution"]) for one in told)
    return Cell(
        generation=current,
        mart=wanted.mart,
        key={**given, **wanted.days},
        column=wanted.column,
        how=behind.how,
        meaning=behind.meaning,
        value=value_text(row.value),
        cells=row.cells,
        rows_behind=count,
        rows=[_behind(one, behind, wanted.user_id) for one in told],
        page_sum=value_text(page_sum) if behind.adds_up else None,
        next=next_page(wanted, given, current, count, last) if last else None,
        made_of=made_of or [],
        removed_months=removed or [],
    )


def _behind(row: Row, behind: Behind, user_id: str | None) -> RowBehind:
    operation = behind.table == OPERATIONS
    own = user_id is None or row["user_id"] == user_id
    return RowBehind(
        table=behind.table,
        id=row["row_id"],
        date=value_text(row["row_date"]) if operation else None,
        contribution=value_text(row["contribution"]) if behind.adds_up else None,
        own=own,
        source=row["source"] if own else None,
        file_id=value_text(row["file_id"]) if own else None,
        record_no=row["record_no"] if own else None,
        trace=_way(behind.table, row["row_id"], row["user_id"]) if own else None,
    )


def _way(table: str, name: str, user_id: str) -> str | None:
    """Where the API tells more of a row; of whose, because the reader may be another one."""
    whose = f"user_id={quote(user_id, safe='')}"
    if table == OPERATIONS:
        return f"/api/v3/trading-operations/{name}/provenance?{whose}"
    return f"/api/v3/provenance/{table}?id={quote(name, safe='')}&{whose}" if table in TRACED else None
