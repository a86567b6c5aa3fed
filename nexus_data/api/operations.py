"""The question behind a list of operations: one page of one user's, as of one generation. HTTP is elsewhere."""

import base64
import binascii
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from nexus_data.api.answer import Answer
from nexus_data.api.stores import Stores
from nexus_data.errors import QuestionError
from nexus_data.sql import query

MOST = 1000
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


class Cursor(msgspec.Struct, array_like=True, frozen=True):
    """The last operation of a page, and the generation that the whole listing is of."""

    generation: int
    date: date
    time: datetime
    operation_id: UUID


class Page(msgspec.Struct):
    """The document. next: the cursor of the next page, null on the last one."""

    user_id: str
    generation: int
    operations: list[msgspec.Raw]
    next: str | None


async def operations(
    stores: Stores, *, user_id: str, wanted: Filters, limit: int, cursor: str | None, as_of: int | None
) -> Answer:
    """A page of the user's operations, newest first; its further pages are of the same generation, whatever comes.

    Raises QuestionError for a cursor that is none, or a generation that there has never been;
    psycopg.OperationalError when Postgres does not answer.
    """
    after = read_cursor(cursor) if cursor else None
    if after is not None and as_of not in (None, after.generation):
        raise QuestionError(f"the cursor is of generation {after.generation}, not of {as_of}; leave as_of out")
    asked = after.generation if after else as_of
    rows = await _rows(stores, _values(user_id, wanted, after, asked) | {"size": limit + 1})
    newest = (rows[0][0] if rows else None) or 0
    if asked is not None and not 0 <= asked <= newest:
        raise QuestionError(f"there is no generation {asked}: the newest is {newest}, the first is 1")
    generation = newest if asked is None else asked
    found = [row for row in rows if row[3] is not None]
    last = found[limit - 1] if len(found) > limit else None
    page = Page(
        user_id=user_id,
        generation=generation,
        operations=[msgspec.Raw(row[4].encode()) for row in found[:limit]],
        next=_cursor(generation, last) if last else None,
    )
    return Answer(msgspec.json.encode(page), generation, "postgres")


def _values(user_id: str, wanted: Filters, after: Cursor | None, as_of: int | None) -> dict[str, Any]:
    values = asdict(wanted) | {"user_id": user_id, "as_of": as_of}
    if after is None:
        return values | {"after_date": None, "after_time": None, "after_id": None}
    place = {"after_date": after.date, "after_time": _or_none(after.time), "after_id": after.operation_id}
    return values | place | {"last_day": min(wanted.last_day, after.date)}


def _or_none(time: datetime) -> datetime | str:
    return "-infinity" if time == _NO_TIME else time


async def _rows(stores: Stores, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    async with stores.database.connection() as database:
        try:
            # Not prepared: which filters are given decides the plan.
            return await (await database.execute(query("trading_operations_page"), values, prepare=False)).fetchall()
        except psycopg.errors.UndefinedTable:
            return []


def _cursor(generation: int, row: tuple[Any, ...]) -> str:
    _, day, time, operation_id, _ = row
    packed = msgspec.json.encode(Cursor(generation, day, time or _NO_TIME, operation_id))
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_cursor(text: str) -> Cursor:
    """The cursor of a text that an earlier page gave; QuestionError when it is none."""
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(packed, type=Cursor)
    except (binascii.Error, msgspec.DecodeError, ValueError) as error:
        raise QuestionError("this cursor is none that a page gave; ask for the first page again") from error
