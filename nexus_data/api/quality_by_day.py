"""How good the records of a source were, day by day: the question, its documents and its route."""

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from nexus_data.api.access import Viewer, demand_all
from nexus_data.api.aggregates import demand_current
from nexus_data.api.answer import NOTHING_YET, Answer, Generation, Subject
from nexus_data.api.conditional import respond_rows
from nexus_data.api.layers import Made, Question, answered
from nexus_data.api.responses import reading
from nexus_data.api.statements import rows
from nexus_data.api.stores import Stores
from nexus_data.api.tabular import rows_of
from nexus_data.api.trading_operations import After, First, Last
from nexus_data.cursors import InList, list_id, packed, place
from nexus_data.tables.model import Kind


class DayQuality(msgspec.Struct, forbid_unknown_fields=True):
    """What became, to this generation, of the records of the files that first arrived on a day (UTC).

    Shares are exact text, null where there is nothing to share. completeness: optional fields filled, of the rows now;
    validity: that broke no rule, of those judged; uniqueness: that were not there already, of those that broke none;
    consistency: that contradicted nothing known, of `compared`; timeliness_days: a row's mean age at its arrival.
    """

    date: str
    files: int
    files_held: int
    records: int
    published: int
    rejected: int
    duplicate: int
    superseded: int
    skipped: int
    held: int
    compared: int
    inconsistent: int
    completeness: str | None
    validity: str | None
    uniqueness: str | None
    consistency: str | None
    timeliness_days: str | None


class QualityByDay(msgspec.Struct, forbid_unknown_fields=True):
    """A page, newest day first. user_id: the files' owner, null: everybody. next: the `cursor` of the next page."""

    source: str
    user_id: str | None
    generation: int
    days: list[DayQuality]
    next: str | None


_EXAMPLE = QualityByDay(
    source="rabobank",
    user_id="u-1",
    generation=7,
    days=[
        DayQuality(
            date="2026-03-01",
            files=1,
            files_held=0,
            records=400,
            published=392,
            rejected=3,
            duplicate=5,
            superseded=0,
            skipped=0,
            held=0,
            compared=397,
            inconsistent=0,
            completeness="0.62",
            validity="0.9925",
            uniqueness="0.987406",
            consistency="1",
            timeliness_days="14.25",
        )
    ],
    next=None,
)
_COUNTS = {name: Kind.INTEGER for name, kind in DayQuality.__annotations__.items() if kind is int}
_SHARES = dict.fromkeys(("completeness", "validity", "uniqueness", "consistency", "timeliness_days"), Kind.MONEY)
_ROWS = rows_of("days", DayQuality, date=Kind.DATE, **_COUNTS, **_SHARES)

_Limit = Annotated[int, QueryParameter(ge=1, le=10_000, description="Days a page")]
_Everybody = Annotated[bool, QueryParameter(description="Of all owners' files; for who may see every user")]


class _Place(InList, array_like=True, frozen=True):
    """The last day of a page, and the generation of the page."""

    generation: int
    day: date


class _Page(msgspec.Struct):
    source: str
    user_id: str | None
    generation: int
    days: list[msgspec.Raw]
    next: str | None


async def by_day(stores: Stores, *, wanted: dict[str, Any], limit: int, cursor: str | None) -> Answer:
    """A page of days; wanted: source, user_id (None: all owners), first_day, last_day. Raises as `aggregates.sums`."""
    after = place(cursor, _Place, of=_list_id(wanted))
    key = packed([wanted["source"], wanted["first_day"], wanted["last_day"], limit, cursor])
    subject = Subject(f"quality-by-day:{key}", wanted["user_id"])
    return await answered(stores, Question(subject, lambda: _page(stores, wanted, limit, after)))


async def _page(stores: Stores, wanted: dict[str, Any], limit: int, after: _Place | None) -> Made:
    values = {**wanted, "size": limit + 1, "after": after.day if after else None}
    # Not prepared: whose days are asked for decides the plan.
    found = await rows(stores, "api/quality_by_day", values, prepare=False)
    generation = Generation(*found[0][:2]) if found else NOTHING_YET
    demand_current(after.generation if after else None, generation)
    known = [row for row in found if row[3] is not None]
    last = known[limit - 1] if len(known) > limit else None
    page = _Page(
        source=wanted["source"],
        user_id=wanted["user_id"],
        generation=generation.number,
        days=[msgspec.Raw(row[3].encode()) for row in known[:limit]],
        next=packed(_Place(_list_id(wanted), generation.number, date.fromisoformat(last[2]))) if last else None,
    )
    return Made(msgspec.json.encode(page), generation)


def _list_id(wanted: dict[str, Any]) -> str:
    return list_id("quality-by-day", wanted)


@get(
    "/data/quality-metrics/{source:str}/by-day",
    responses=reading(QualityByDay, "The metrics by day", example=_EXAMPLE, refusals=(400, 403, 406, 409)),
    security=[{"bearer": []}],
    tags=["data"],
)
async def quality_by_day(
    request: Request[object, object, State],
    stores: NamedDependency[Stores],
    viewer: NamedDependency[Viewer],
    user_id: NamedDependency[str],
    source: FromPath[str],
    everybody: _Everybody = False,
    first_day: First = None,
    last_day: Last = None,
    limit: _Limit = 1000,
    cursor: After = None,
) -> Response[bytes]:
    """Data quality over time: of a user's files, or of everybody's, by the day on which they first arrived."""
    if everybody:
        demand_all(viewer)
    wanted = {
        "source": source,
        "user_id": None if everybody else user_id,
        "first_day": first_day or date.min,
        "last_day": last_day or date.max,
    }
    return await respond_rows(request, await by_day(stores, wanted=wanted, limit=limit, cursor=cursor), _ROWS)
