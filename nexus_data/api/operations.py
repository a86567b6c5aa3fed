"""The questions behind a list of operations, and behind one: a user's, as of one generation. HTTP is elsewhere."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from nexus_data.api.answer import Answer, Generation, Subject
from nexus_data.api.layers import Made, Question, answered
from nexus_data.api.statements import rows
from nexus_data.api.stores import Stores
from nexus_data.cursors import InList, list_id, packed, place
from nexus_data.errors import QuestionError, TraceError
from nexus_data.sql import query

MOST = 1000
FARTHEST = 100_000
Sort = Literal["-date", "date", "-amount", "amount"]
_NO_TIME = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which operations are wanted: days and amounts with both ends, the others equal; None: any."""

    first_day: date = date.min
    last_day: date = date.max
    symbol: str | None = None
    category: str | None = None
    type: str | None = None
    milestone_id: str | None = None
    currency: str | None = None
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list. offset leaves so many out, cursor goes on after a page; as_of: a generation, None: now."""

    user_id: str
    wanted: Filters
    limit: int = 100
    sort: Sort = "-date"
    offset: int = 0
    cursor: str | None = None
    as_of: int | None = None


class Cursor(InList, array_like=True, frozen=True):
    """The last operation of a page; generation, order and total of the whole listing."""

    generation: int
    sort: Sort
    date: date
    time: datetime
    operation_id: UUID
    amount: Decimal
    total: int | None = None
    total_from: str | None = None


class Page(msgspec.Struct):
    """The document. next: the cursor of the next page, null on the last one."""

    user_id: str
    generation: int
    total: int | None
    total_from: str | None
    removed_months: list[str]
    operations: list[msgspec.Raw]
    next: str | None


class _Window(NamedTuple):
    """What the marts tell of a listing; columns as in the statement."""

    generation: int = 0
    run_id: str = ""
    total: int | None = 0
    total_from: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    skipped: int = 0
    removed_months: Sequence[str] = ()


async def operations(stores: Stores, listing: Listing) -> Answer:
    """A page of the user's operations; its further pages are of the same generation, whatever is published meanwhile.

    Raises QuestionError for a cursor that is none, or a generation that there has never been;
    psycopg.OperationalError when Postgres does not answer.
    """
    after = _after(listing)
    as_of = after.generation if after else listing.as_of
    text = f"operations:{packed((asdict(listing.wanted), *_rest(listing)))}"
    subject = Subject(text, listing.user_id, as_of=as_of)
    return await answered(stores, Question(subject, lambda: _page(stores, listing, after, as_of)))


def _rest(listing: Listing) -> tuple[object, ...]:
    return listing.limit, listing.sort, listing.offset, listing.cursor, listing.as_of


def _after(listing: Listing) -> Cursor | None:
    after = place(listing.cursor, Cursor, of=_list_id(listing))
    if after is None:
        return None
    if listing.as_of not in (None, after.generation):
        raise QuestionError(f"the cursor is of generation {after.generation}, not of {listing.as_of}; leave as_of out")
    if after.sort != listing.sort:
        raise QuestionError(f"the cursor is of a list sorted by {after.sort}; ask with sort={after.sort}")
    if listing.offset:
        raise QuestionError("a cursor and an offset say two different places; give one of them")
    return after


async def _page(stores: Stores, listing: Listing, after: Cursor | None, as_of: int | None) -> Made:
    async with stores.reading().connection() as database:
        try:
            window = await _window(database, listing, after, as_of)
            shown = window.generation if as_of is None else as_of
            found = await _rows(database, listing, after, window, shown) if window.first_day else []
        except psycopg.errors.UndefinedTable:
            window, shown, found = _Window(), 0, []
    last = found[listing.limit - 1] if len(found) > listing.limit else None
    page = Page(
        user_id=listing.user_id,
        generation=shown,
        total=window.total,
        total_from=window.total_from,
        removed_months=list(window.removed_months),
        operations=[msgspec.Raw(row[5].encode()) for row in found[: listing.limit]],
        next=_cursor(shown, listing, last, window) if last else None,
    )
    return Made(msgspec.json.encode(page), Generation(window.generation, window.run_id))


async def _window(
    database: AsyncConnection[TupleRow], listing: Listing, after: Cursor | None, as_of: int | None
) -> _Window:
    """The window of the days that the page is of; all days asked for where the marts are of a later generation."""
    values = _values(listing, after)
    row = await (await database.execute(query("api/trading_operations_window"), values, prepare=False)).fetchone()
    window = _Window(*row) if row else _Window()
    if as_of is not None and not 0 <= as_of <= window.generation:
        raise QuestionError(f"there is no generation {as_of}: the newest is {window.generation}, the first is 1")
    if as_of is not None and as_of < window.generation:
        wanted = listing.wanted
        window = window._replace(first_day=wanted.first_day, last_day=wanted.last_day, skipped=0)
        window = window._replace(total=None, total_from=None)
    return window if after is None else window._replace(total=after.total, total_from=after.total_from)


async def _rows(
    database: AsyncConnection[TupleRow], listing: Listing, after: Cursor | None, window: _Window, as_of: int
) -> list[TupleRow]:
    values = _values(listing, after) | {"as_of": as_of, "first_day": window.first_day, "last_day": window.last_day}
    values["skip"] = listing.offset - window.skipped
    if after is not None and listing.sort == "-date":
        values["last_day"] = min(values["last_day"], after.date)
    if after is not None and listing.sort == "date":
        values["first_day"] = max(values["first_day"], after.date)
    # Not prepared: which filters are given decides the plan.
    found = await (await database.execute(query("api/trading_operations_page"), values, prepare=False)).fetchall()
    return [row for row in found if row[3] is not None]


def _values(listing: Listing, after: Cursor | None) -> dict[str, Any]:
    values = {**asdict(listing.wanted), "user_id": listing.user_id, "sort": listing.sort, "skip": listing.offset}
    values |= {"size": listing.limit + 1, **dict.fromkeys(("after_date", "after_time", "after_id", "after_amount"))}
    if after is not None:
        time = "-infinity" if after.time == _NO_TIME else after.time
        place = {"after_date": after.date, "after_time": time, "after_id": after.operation_id}
        values |= {**place, "after_amount": after.amount}
    return values


def _cursor(generation: int, listing: Listing, row: TupleRow, window: _Window) -> str:
    _, day, time, operation_id, amount, _ = row
    last = Cursor(
        list_id=_list_id(listing),
        generation=generation,
        sort=listing.sort,
        date=day,
        time=time or _NO_TIME,
        operation_id=operation_id,
        amount=amount,
        total=window.total,
        total_from=window.total_from,
    )
    return packed(last)


def _list_id(listing: Listing) -> str:
    return list_id("operations", listing.user_id, asdict(listing.wanted))


async def operation(stores: Stores, *, user_id: str, operation_id: str) -> Answer:
    """One of the user's operations, or the newest version of one that is published no more.

    Raises TraceError when there is none of that id, or it is somebody else's.
    """
    try:
        wanted = UUID(operation_id)
    except ValueError:
        raise TraceError(f"{operation_id!r} is no operation's id: that is a UUID") from None
    question = Question(Subject(f"operation:{packed(wanted)}", user_id), lambda: _one(stores, user_id, wanted))
    return await answered(stores, question)


async def _elsewhere(stores: Stores, user_id: str) -> str:
    """Where an operation may be that Postgres does not have."""
    months = await rows(stores, "trace/removed_months", {"user_id": user_id})
    names = ", ".join(sorted(row[0] for row in months))
    return f"; those of {names} left Postgres by retention: .../provenance finds them in the lake" if months else ""


async def _one(stores: Stores, user_id: str, operation_id: UUID) -> Made:
    found = await rows(stores, "api/trading_operation", {"user_id": user_id, "operation_id": operation_id})
    if not found:
        raise TraceError(f"there is no operation {operation_id} of this user{await _elsewhere(stores, user_id)}")
    generation, run_id, text = found[0]
    return Made(text.encode(), Generation(generation, run_id))
