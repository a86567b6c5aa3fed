"""How good the records of a source are: the question, its documents and its route."""

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath

from nexus_data.api.access import Viewer, demand_all
from nexus_data.api.answer import Answer, Generation, Subject
from nexus_data.api.conditional import respond
from nexus_data.api.layers import Made, Question, answered
from nexus_data.api.responses import reading
from nexus_data.api.statements import rows
from nexus_data.api.stores import Stores
from nexus_data.cursors import packed
from nexus_data.errors import TraceError


class TableQuality(msgspec.Struct, forbid_unknown_fields=True):
    """A source's records of one table: counts by the ledger, shares as exact text; null: nothing to share.

    validity: that broke no rule, of those judged; uniqueness: that were not there already, of those that broke
    none; completeness: optional fields filled, of the rows now; lag_days: from the newest day told of to last_arrival.
    """

    table_name: str
    files: int
    files_held: int
    records: int
    published: int
    rejected: int
    duplicate: int
    superseded: int
    skipped: int
    held: int
    completeness: str | None
    validity: str | None
    uniqueness: str | None
    newest: str | None
    last_arrival: str | None
    lag_days: int | None


class Quality(msgspec.Struct, forbid_unknown_fields=True):
    """A source, by the canonical tables that its records go to; `unknown` for files that are held."""

    source: str
    generation: int
    tables: list[TableQuality]


_EXAMPLE = Quality(
    source="rabobank",
    generation=7,
    tables=[
        TableQuality(
            table_name="trading_operations",
            files=3,
            files_held=0,
            records=1200,
            published=1180,
            rejected=5,
            duplicate=15,
            superseded=0,
            skipped=0,
            held=0,
            completeness="0.62",
            validity="0.995833",
            uniqueness="0.987448",
            newest="2026-02-27",
            last_arrival="2026-03-01T06:00:00.000000Z",
            lag_days=2,
        )
    ],
)


async def quality(stores: Stores, *, source: str) -> Answer:
    """The metrics of a source. TraceError when there has never been a record or a file of it."""
    return await answered(stores, Question(Subject(f"quality:{packed(source)}"), lambda: _made(stores, source)))


async def _made(stores: Stores, source: str) -> Made:
    found = await rows(stores, "api/quality_metrics", {"source": source})
    if not found or found[0][2] is None:
        raise TraceError(f"nothing of a source {source!r} has ever come in")
    generation, run_id, text = found[0]
    return Made(text.encode(), Generation(generation, run_id))


@get(
    "/data/quality-metrics/{source:str}",
    responses=reading(Quality, "The metrics", example=_EXAMPLE, refusals=(403,)),
    security=[{"bearer": []}],
    tags=["data"],
)
async def quality_metrics(
    request: Request[object, object, State],
    stores: NamedDependency[Stores],
    viewer: NamedDependency[Viewer],
    source: FromPath[str],
) -> Response[bytes]:
    """Completeness, validity, uniqueness and timeliness of everybody's records: for who sees all users only."""
    demand_all(viewer)
    return respond(request, await quality(stores, source=source))
