"""Routes under /api/v3/trading-operations/aggregates: sums by day, category and instrument."""

from datetime import date
from typing import Annotated

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from nexus_data.api.aggregate_documents import (
    CATEGORY_EXAMPLE,
    DAY_EXAMPLE,
    SYMBOL_EXAMPLE,
    ByCategory,
    ByDay,
    BySymbol,
    CategorySum,
    DaySum,
    SymbolSum,
)
from nexus_data.api.aggregates import Sums, sums
from nexus_data.api.conditional import respond_rows
from nexus_data.api.responses import reading
from nexus_data.api.stores import Stores
from nexus_data.api.tabular import rows_of
from nexus_data.api.trading_operations import After, First, Last, Way
from nexus_data.tables.model import Kind

_PATH = "/trading-operations/aggregates"
_REFUSALS = (400, 406, 409)
_NUMBERS = {"operations": Kind.INTEGER, "without_quantity": Kind.INTEGER}
_MONEY = dict.fromkeys(("amount", "bought", "sold", "net_quantity", "income", "expenses"), Kind.MONEY)
_KINDS = {**_NUMBERS, **_MONEY, **dict.fromkeys(("date", "first_date", "last_date"), Kind.DATE)}
_DAYS, _CATEGORIES, _SYMBOLS = (rows_of("sums", row, **_KINDS) for row in (DaySum, CategorySum, SymbolSum))

Limit = Annotated[int, QueryParameter(ge=1, le=10_000, description="Rows a page")]


@get(
    f"{_PATH}/by-day",
    responses=reading(ByDay, "Sums by day, type and currency", example=DAY_EXAMPLE, refusals=_REFUSALS),
    security=[{"bearer": []}],
    tags=["trading operations"],
)
async def operations_by_day(
    request: Request[object, object, State],
    stores: NamedDependency[Stores],
    user_id: NamedDependency[str],
    first_day: First = None,
    last_day: Last = None,
    category: FromQuery[str | None] = None,
    direction: Way = None,
    currency: FromQuery[str | None] = None,
    limit: Limit = 1000,
    cursor: After = None,
) -> Response[bytes]:
    """What a user's operations add up to on each day, newest first; JSON, CSV or Arrow by Accept."""
    days = (first_day or date.min, last_day or date.max)
    wanted = Sums(user_id, "day", *days, None, category, direction, currency, limit, cursor)
    return await respond_rows(request, await sums(stores, wanted), _DAYS)


@get(
    f"{_PATH}/by-category",
    responses=reading(ByCategory, "Sums by category, type and currency", example=CATEGORY_EXAMPLE, refusals=_REFUSALS),
    security=[{"bearer": []}],
    tags=["trading operations"],
)
async def operations_by_category(
    request: Request[object, object, State],
    stores: NamedDependency[Stores],
    user_id: NamedDependency[str],
    first_day: First = None,
    last_day: Last = None,
    category: FromQuery[str | None] = None,
    direction: Way = None,
    currency: FromQuery[str | None] = None,
    limit: Limit = 1000,
    cursor: After = None,
) -> Response[bytes]:
    """What a user's operations of each category add up to; JSON, CSV or Arrow by Accept."""
    days = (first_day or date.min, last_day or date.max)
    wanted = Sums(user_id, "category", *days, None, category, direction, currency, limit, cursor)
    return await respond_rows(request, await sums(stores, wanted), _CATEGORIES)


@get(
    f"{_PATH}/by-symbol",
    responses=reading(BySymbol, "Sums by instrument and currency", example=SYMBOL_EXAMPLE, refusals=_REFUSALS),
    security=[{"bearer": []}],
    tags=["trading operations"],
)
async def operations_by_symbol(
    request: Request[object, object, State],
    stores: NamedDependency[Stores],
    user_id: NamedDependency[str],
    symbol: FromQuery[str | None] = None,
    currency: FromQuery[str | None] = None,
    limit: Limit = 1000,
    cursor: After = None,
) -> Response[bytes]:
    """What a user's operations with each instrument add up to, of all days; JSON, CSV or Arrow by Accept."""
    wanted = Sums(user_id, "symbol", symbol=symbol, currency=currency, limit=limit, cursor=cursor)
    return await respond_rows(request, await sums(stores, wanted), _SYMBOLS)
