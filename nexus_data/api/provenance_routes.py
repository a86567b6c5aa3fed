"""Routes of provenance: /api/v3/trading-operations/{id}/provenance and /api/v3/provenance."""

from datetime import date
from typing import Annotated

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from nexus_data.api.conditional import respond
from nexus_data.api.documents import Problem
from nexus_data.api.problems import MEDIA_TYPE
from nexus_data.api.provenance import cell_provenance, operation_provenance, row_provenance
from nexus_data.api.stores import Stores
from nexus_data.provenance.cell_documents import MOST_ROWS, TRACED, Cell, Wanted
from nexus_data.provenance.declarations import provenance
from nexus_data.provenance.documents import Trace
from nexus_data.settings import Settings

_OWN = ("mart", "column", "cursor", "limit", "user_id", "from", "to")
_NOBODYS = "is of everybody's records and no user's: its cells are sums over the ledger, which `nexus status` shows"


def _problem(description: str) -> ResponseSpec:
    return ResponseSpec(Problem, description=description, media_type=MEDIA_TYPE)


_REFUSALS = {
    401: _problem("No token, or one that is not accepted"),
    404: _problem("Nothing of that name that is the bearer's own"),
    503: _problem("Postgres does not answer"),
}
_TRACE = {200: ResponseSpec(Trace, description="From the published row down to the raw text of its record")}
_CELL = {
    200: ResponseSpec(Cell, description="A page of rows; the contributions of all pages add up to the value, exactly"),
    400: _problem("No such mart, column, key or cursor"),
    403: _problem("The mart is no user's"),
    409: _problem("A publish overtook the pages: ask for the first one again"),
}


@get(
    "/trading-operations/{operation_id:str}/provenance",
    responses={**_TRACE, **_REFUSALS},
    security=[{"bearer": []}],
    tags=["provenance"],
)
async def trace_operation(
    request: Request[object, object, State],
    stores: NamedDependency[Stores],
    settings: NamedDependency[Settings],
    user_id: NamedDependency[str],
    operation_id: FromPath[str],
) -> Response[bytes]:
    """One of the bearer's own operations: each field beside its original text, contract, file, and the raw record."""
    found = await operation_provenance(stores, settings, operation_id=operation_id, user_id=user_id)
    return respond(request, found)


@get(
    "/provenance/{table:str}",
    responses={**_TRACE, **_REFUSALS},
    security=[{"bearer": []}],
    tags=["provenance"],
)
async def trace_row(
    request: Request[object, object, State],
    stores: NamedDependency[Stores],
    settings: NamedDependency[Settings],
    user_id: NamedDependency[str],
    table: FromPath[str],
    row_id: Annotated[str, QueryParameter(name="id", description="The key of the row")],
) -> Response[bytes]:
    """One of the bearer's own projects (table projects) or milestones (project_milestones), as for operations."""
    if table not in TRACED:
        raise NotFoundException(f"rows of {table} are not traced; the tables are {', '.join(TRACED)}")
    return respond(request, await row_provenance(stores, settings, table=table, key=row_id, user_id=user_id))


@get(
    "/provenance",
    responses={**_CELL, **_REFUSALS},
    security=[{"bearer": []}],
    tags=["provenance"],
    opt={"any_parameter": True},  # any part of the mart's key is one
)
async def rows_behind_cell(
    request: Request[object, object, State],
    stores: NamedDependency[Stores],
    user_id: NamedDependency[str],
    mart: Annotated[str, QueryParameter(description="The mart; its key columns choose the cell, each a parameter")],
    column: Annotated[str, QueryParameter(description="The mart's column")],
    cursor: Annotated[str | None, QueryParameter(description="`next` of the page before; none: the first page")] = None,
    limit: Annotated[int, QueryParameter(description="Rows a page", ge=1, le=MOST_ROWS)] = 100,
    first_day: Annotated[
        date | None, QueryParameter(name="from", description="Of operations: from this day on")
    ] = None,
    last_day: Annotated[date | None, QueryParameter(name="to", description="Of operations: to this day")] = None,
) -> Response[bytes]:
    """The rows behind a cell of a mart, of the bearer's own data. Without some of the key: behind the sum of cells."""
    key = {name: text for name, text in request.query_params.items() if name not in _OWN}
    if mart in provenance() and not provenance()[mart].of_users:
        raise PermissionDeniedException(f"{mart} {_NOBODYS}")
    wanted = Wanted(
        mart=mart,
        column=column,
        key=key,
        user_id=user_id,
        cursor=cursor,
        limit=limit,
        first_day=first_day,
        last_day=last_day,
    )
    return respond(request, await cell_provenance(stores, wanted))
