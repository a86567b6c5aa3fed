"""The questions behind sums of operations: the marts' rows, page by page, as of the current generation. No HTTP."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

import msgspec

from nexus_data.api.answer import NOTHING_YET, Answer, Generation, Subject
from nexus_data.api.layers import Made, Question, answered
from nexus_data.api.statements import rows
from nexus_data.api.stores import Stores
from nexus_data.cursors import InList, list_id, packed, place
from nexus_data.errors import StaleCursorError

By = Literal["day", "category", "symbol"]


@dataclass(frozen=True, slots=True)
class Sums:
    """Which sums are wanted: days with both ends, the others equal; None: any. By symbol, days tell nothing."""

    user_id: str
    by: By
    first_day: date = date.min
    last_day: date = date.max
    symbol: str | None = None
    category: str | None = None
    type: str | None = None
    currency: str | None = None
    limit: int = 1000
    cursor: str | None = None


class Place(InList, array_like=True, frozen=True):
    """The key of a page's last row, and the generation of the page."""

    generation: int
    key: list[str]


class Page(msgspec.Struct):
    """The document. next: the cursor of the next page, null on the last one."""

    user_id: str
    generation: int
    sums: list[msgspec.Raw]
    next: str | None


async def sums(stores: Stores, wanted: Sums) -> Answer:
    """A page of sums.

    Raises QuestionError for a cursor that is none; StaleCursorError when a publish overtook the pages, which would not
    add up; psycopg.OperationalError when Postgres does not answer.
    """
    after = place(wanted.cursor, Place, of=_list_id(wanted))
    subject = Subject(f"sums:{packed({**asdict(wanted), 'user_id': None})}", wanted.user_id)
    return await answered(stores, Question(subject, lambda: _page(stores, wanted, after)))


async def _page(stores: Stores, wanted: Sums, after: Place | None) -> Made:
    values: dict[str, Any] = {**asdict(wanted), "size": wanted.limit + 1, "after": after.key if after else None}
    # Not prepared: which filters are given decides the plan.
    found = await rows(stores, f"api/operations_by_{wanted.by}", values, prepare=False)
    generation = Generation(*found[0][:2]) if found else NOTHING_YET
    demand_current(after.generation if after else None, generation)
    known = [row for row in found if row[3] is not None]
    last = known[wanted.limit - 1] if len(known) > wanted.limit else None
    page = Page(
        user_id=wanted.user_id,
        generation=generation.number,
        sums=[msgspec.Raw(row[3].encode()) for row in known[: wanted.limit]],
        next=packed(Place(_list_id(wanted), generation.number, msgspec.json.decode(last[2]))) if last else None,
    )
    return Made(msgspec.json.encode(page), generation)


def _list_id(wanted: Sums) -> str:
    return list_id("sums", {**asdict(wanted), "limit": None, "cursor": None})


def demand_current(begun: int | None, generation: Generation) -> None:
    """Raise StaleCursorError unless the pages began in this generation (None: this is the first)."""
    if begun not in (None, generation.number):
        raise StaleCursorError(
            f"generation {generation.number} was published since the first page, which is of generation {begun}; "
            "begin again without a cursor"
        )
