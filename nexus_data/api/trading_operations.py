"""The route /api/v3/trading-operations."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromQuery, QueryParameter

from nexus_data.api.conditional import respond
from nexus_data.api.documents import Problem
from nexus_data.api.operations import MOST, Filters, operations
from nexus_data.api.problems import MEDIA_TYPE
from nexus_data.api.stores import Stores
from nexus_data.errors import QuestionError


class Operation(msgspec.Struct, forbid_unknown_fields=True):
    """One operation; money, quantities and prices are exact decimal text.

    generation: which publish made it visible. superseded_generation: which one took it back since; null: none has.
    """

    operation_id: str
    date: str
    transact_time: str | None
    account_id: str | None
    exec_id: str | None
    type: str | None
    category: str
    amount: str
    currency: str
    side: str | None
    symbol: str | None
    security_id: str | None
    last_qty: str | None
    last_px: str | None
    last_px_currency: str | None
    commission: str | None
    commission_currency: str | None
    venue: str | None
    milestone_id: str | None
    description: str | None
    source: str
    file_id: str
    record_no: int
    generation: int
    superseded_generation: int | None


class Operations(msgspec.Struct, forbid_unknown_fields=True):
    """A page, newest first. next: the `cursor` of the next page, of the same generation; null: this is the last."""

    user_id: str
    generation: int
    operations: list[Operation]
    next: str | None


def _problem(description: str) -> ResponseSpec:
    return ResponseSpec(Problem, description=description, media_type=MEDIA_TYPE)


_RESPONSES = {
    200: ResponseSpec(Operations, description="A page. X-Data-Generation: its generation; a strong ETag"),
    304: ResponseSpec(None, description="Unchanged since the answer with the ETag in If-None-Match"),
    400: _problem("A filter, a cursor or a generation that cannot be"),
    401: _problem("No token, or one that is not accepted"),
    503: _problem("Postgres does not answer"),
}


@get("/trading-operations", responses=_RESPONSES, security=[{"bearer": []}], tags=["trading operations"])
async def trading_operations(
    request: Request[object, object, State],
    stores: NamedDependency[Stores],
    user_id: NamedDependency[str],
    first_day: Annotated[date | None, QueryParameter(name="from", description="First day")] = None,
    last_day: Annotated[date | None, QueryParameter(name="to", description="Last day")] = None,
    symbol: FromQuery[str | None] = None,
    category: FromQuery[str | None] = None,
    direction: Annotated[Literal["income", "expense"] | None, QueryParameter(name="type")] = None,
    milestone_id: FromQuery[str | None] = None,
    currency: FromQuery[str | None] = None,
    min_amount: Annotated[str | None, QueryParameter(description="Exact decimal text")] = None,
    max_amount: Annotated[str | None, QueryParameter(description="Exact decimal text")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST, description="Operations a page")] = 100,
    cursor: Annotated[str | None, QueryParameter(description="`next` of the page before; none: the first page")] = None,
    as_of: Annotated[int | None, QueryParameter(description="A generation: what was published then")] = None,
) -> Response[bytes]:
    """The bearer's own operations, newest first, page by page; all pages of a listing are of one generation."""
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
    found = await operations(stores, user_id=user_id, wanted=wanted, limit=limit, cursor=cursor, as_of=as_of)
    return respond(request, found)


def _amount(name: str, text: str | None) -> Decimal | None:
    try:
        number = None if text is None else Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if number is not None and not number.is_finite():
        raise QuestionError(f"{name} is {text!r}, which is no decimal number")
    return number
