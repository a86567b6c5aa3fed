"""Routes under /api/v3/trading-operations: the list, and one of it. Sums and ways down are elsewhere."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from nexus_data.api.conditional import accepted, respond, respond_rows
from nexus_data.api.operation_documents import (
    OPERATION_EXAMPLE,
    OPERATIONS_EXAMPLE,
    OneOperation,
    Operation,
    Operations,
)
from nexus_data.api.operations import FARTHEST, MOST, Filters, Listing, Sort, operation, operations
from nexus_data.api.responses import reading
from nexus_data.api.stores import Stores
from nexus_data.api.tabular import rows_of
from nexus_data.errors import QuestionError
from nexus_data.tables.trading_operations import TRADING_OPERATIONS

_PUBLISHED = {field.name: field.kind for field in TRADING_OPERATIONS.fields}
_ROWS = rows_of("operations", Operation, **{**_PUBLISHED, "superseded_generation": _PUBLISHED["generation"]})
_PAGE = reading(Operations, "A page, as JSON, CSV or Arrow by Accept", example=OPERATIONS_EXAMPLE, refusals=(400, 406))
_ONE = reading(
    OneOperation,
    "The operation",
    example=OneOperation(user_id="u-1", generation=7, operation=OPERATION_EXAMPLE),
)

Limit = Annotated[int, QueryParameter(ge=1, le=MOST, description="Rows a page")]
Offset = Annotated[int, QueryParameter(ge=0, le=FARTHEST, description="Rows to leave out; better: cursor")]
After = Annotated[str | None, QueryParameter(name="cursor", description="`next` of the page before; none: the first")]
First = Annotated[date | None, QueryParameter(name="from", description="First day")]
Last = Annotated[date | None, QueryParameter(name="to", description="Last day")]
Way = Annotated[Literal["income", "expense"] | None, QueryParameter(name="type", description="Which way money moved")]


@get("/trading-operations", responses=_PAGE, security=[{"bearer": []}], tags=["trading operations"])
async def trading_operations(
    request: Request[object, object, State],
    stores: NamedDependency[Stores],
    user_id: NamedDependency[str],
    first_day: First = None,
    last_day: Last = None,
    symbol: FromQuery[str | None] = None,
    category: FromQuery[str | None] = None,
    direction: Way = None,
    milestone_id: FromQuery[str | None] = None,
    currency: FromQuery[str | None] = None,
    min_amount: Annotated[str | None, QueryParameter(description="Exact decimal text")] = None,
    max_amount: Annotated[str | None, QueryParameter(description="Exact decimal text")] = None,
    sort: Annotated[Sort, QueryParameter(description="-: the newest, or the largest, first")] = "-date",
    limit: Limit = 100,
    offset: Offset = 0,
    cursor: After = None,
    as_of: Annotated[int | None, QueryParameter(description="A generation: what was published then")] = None,
) -> Response[bytes]:
    """A user's operations, page by page; all pages that follow by cursor are of the first one's generation."""
    wanted = Filters(
        first_day=first_day or date.min,
        last_day=last_day or date.max,
        symbol=symbol,
        category=category,
        type=direction,
        milestone_id=milestone_id,
        currency=currency,
        min_amount=_amount("min_amount", min_amount),
        max_amount=_amount("max_amount", max_amount),
    )
    accepted(request)
    listing = Listing(user_id, wanted, limit=limit, sort=sort, offset=offset, cursor=cursor, as_of=as_of)
    return await respond_rows(request, await operations(stores, listing), _ROWS)


@get("/trading-operations/{operation_id:str}", responses=_ONE, security=[{"bearer": []}], tags=["trading operations"])
async def trading_operation(
    request: Request[object, object, State],
    stores: NamedDependency[Stores],
    user_id: NamedDependency[str],
    operation_id: FromPath[str],
) -> Response[bytes]:
    """One operation; when it is published no more, its newest version, with the generation that took it back."""
    return respond(request, await operation(stores, user_id=user_id, operation_id=operation_id))


def _amount(name: str, text: str | None) -> Decimal | None:
    try:
        number = None if text is None else Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if number is not None and not number.is_finite():
        raise QuestionError(f"{name} is {text!r}, which is no decimal number")
    return number
