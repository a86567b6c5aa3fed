"""The documents about operations, as types: OpenAPI shows them, tests decode by them. Money is exact decimal text."""

import msgspec


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
    """A page. next: the `cursor` of the next page, of the same generation; null: this is the last.

    total: exactly how many operations match, told by the mart `total_from`. daily_totals tells days, category, type and
    currency; positions tells one symbol of all days (and a currency); null with any other filter, and for an earlier
    generation than the current one. removed_months: of these days, those that retention took out of Postgres: their
    operations are neither listed nor in the total, sums have them, and their provenance is told by id.
    """

    user_id: str
    generation: int
    total: int | None
    total_from: str | None
    removed_months: list[str]
    operations: list[Operation]
    next: str | None


class OneOperation(msgspec.Struct, forbid_unknown_fields=True):
    """An operation, as the generation shows it."""

    user_id: str
    generation: int
    operation: Operation


OPERATION_EXAMPLE = Operation(
    operation_id="0f8fad5b-d9cb-469f-a165-70867728950e",
    date="2026-02-27",
    transact_time="2026-02-27T14:03:11.000000Z",
    account_id="A-1",
    exec_id="T-20260227-17",
    type="expense",
    category="trade",
    amount="1012.5",
    currency="EUR",
    side="buy",
    symbol="ACME",
    security_id="NL0000000019",
    last_qty="10",
    last_px="101.2",
    last_px_currency=None,
    commission="0.5",
    commission_currency="EUR",
    venue="XAMS",
    milestone_id=None,
    description=None,
    source="nexus",
    file_id="6f1ed002-ab55-41f8-9f0f-5d5f8f2f6b1a",
    record_no=17,
    generation=7,
    superseded_generation=None,
)
OPERATIONS_EXAMPLE = Operations(
    user_id="u-1",
    generation=7,
    total=1,
    total_from="daily_totals",
    removed_months=[],
    operations=[OPERATION_EXAMPLE],
    next=None,
)
