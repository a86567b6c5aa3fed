"""The documents of sums of operations, as types: OpenAPI shows them, tests decode by them. Money is exact text."""

import msgspec


class DaySum(msgspec.Struct, forbid_unknown_fields=True):
    """What a day's operations of one type and currency add up to; type null: market prints, nobody's money."""

    date: str
    type: str | None
    currency: str
    operations: int
    amount: str


class CategorySum(msgspec.Struct, forbid_unknown_fields=True):
    """What a category's operations of one type and currency add up to, over the days asked for."""

    category: str
    type: str | None
    currency: str
    operations: int
    amount: str
    first_date: str
    last_date: str


class SymbolSum(msgspec.Struct, forbid_unknown_fields=True):
    """What an instrument's operations in one currency add up to, over all days.

    without_quantity: purchases and sales that gave no quantity, so that bought and sold do not know them.
    """

    symbol: str | None
    security_id: str | None
    currency: str
    operations: int
    bought: str
    sold: str
    net_quantity: str
    without_quantity: int
    income: str
    expenses: str
    first_date: str
    last_date: str


class ByDay(msgspec.Struct, forbid_unknown_fields=True):
    """A page, newest day first. next: the `cursor` of the next page, null on the last one."""

    user_id: str
    generation: int
    sums: list[DaySum]
    next: str | None


class ByCategory(msgspec.Struct, forbid_unknown_fields=True):
    """A page, by category. next: the `cursor` of the next page, null on the last one."""

    user_id: str
    generation: int
    sums: list[CategorySum]
    next: str | None


class BySymbol(msgspec.Struct, forbid_unknown_fields=True):
    """A page, by symbol. next: the `cursor` of the next page, null on the last one."""

    user_id: str
    generation: int
    sums: list[SymbolSum]
    next: str | None


DAY_EXAMPLE = ByDay("u-1", 7, [DaySum("2026-02-27", "expense", "EUR", 3, "1200.1")], None)
CATEGORY_EXAMPLE = ByCategory(
    "u-1", 7, [CategorySum("trade", "expense", "EUR", 12, "9200.75", "2026-01-05", "2026-02-27")], None
)
SYMBOL_EXAMPLE = BySymbol(
    "u-1",
    7,
    [SymbolSum("ACME", "NL0000000019", "EUR", 4, "30", "10", "20", 0, "1100", "3036.5", "2026-01-05", "2026-02-27")],
    None,
)
