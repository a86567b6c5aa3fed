"""What the API asks Postgres, endpoint by endpoint, of a user who is drawn: the statements and values that it sends.

The API itself is imported by nobody, so the values are put together here again; a test compares the names of the
statements with those in `nexus_data/api`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

Row = Mapping[str, Any]
Ask = Callable[[str, Mapping[str, Any]], Sequence[Row]]

UNPREPARED = frozenset(
    {
        "api/trading_operations_window",
        "api/trading_operations_page",
        "api/operations_by_day",
        "api/operations_by_category",
        "api/operations_by_symbol",
        "api/quality_by_day",
        "api/project_milestones_page",
        "api/frenly_ai_tasks_page",
    }
)
"""Statements that the API does not prepare, because their values decide the plan."""

_ANY = dict.fromkeys(("symbol", "category", "type", "milestone_id", "currency", "min_amount", "max_amount"))
_FIRST_PAGE = dict.fromkeys(("after_date", "after_time", "after_id", "after_amount"))
_SIZE = 101


@dataclass(frozen=True, slots=True)
class Drawn:
    """A user, and some of what is theirs: an operation in the middle, a project, a milestone."""

    user_id: str
    operation_id: UUID
    date: date
    time: datetime
    amount: Decimal
    symbol: str
    project_id: str
    milestone_id: str


Question = Callable[[Ask, Drawn], None]


def _operations(**given: Any) -> Question:
    def asked(ask: Ask, drawn: Drawn) -> None:
        values = {**_ANY, **_FIRST_PAGE, "first_day": date.min, "last_day": date.max, "sort": "-date", "skip": 0}
        values |= {"user_id": drawn.user_id, "size": _SIZE}
        values |= {name: value(drawn) if callable(value) else value for name, value in given.items()}
        window = ask("api/trading_operations_window", values)[0]
        if window["first_day"] is None:
            return
        values |= {"first_day": window["first_day"], "last_day": window["last_day"], "as_of": window["generation"]}
        ask("api/trading_operations_page", {**values, "skip": values["skip"] - window["skipped"]})

    return asked


def _one(statement: str, **given: Any) -> Question:
    def asked(ask: Ask, drawn: Drawn) -> None:
        own = {"user_id": drawn.user_id}
        ask(statement, own | {name: value(drawn) if callable(value) else value for name, value in given.items()})

    return asked


_AFTER = {
    "after_date": lambda drawn: drawn.date,
    "after_time": lambda drawn: drawn.time,
    "after_id": lambda drawn: drawn.operation_id,
    "after_amount": lambda drawn: drawn.amount,
}
_ALL_DAYS = {"first_day": date.min, "last_day": date.max}
_SUMS = {**_ALL_DAYS, **dict.fromkeys(("symbol", "category", "type", "currency", "after")), "size": 1001}
_QUALITY = {**_ALL_DAYS, "after": None, "size": 1001}
_TASKS = {**dict.fromkeys(("status", "type", "origin", "after_time", "after_id")), "size": _SIZE, "skip": 0}

QUESTIONS: Mapping[str, Question] = {
    "which generation": _one("api/current_state"),
    "/projects/dashboard": _one("cache/project_dashboard", user_ids=lambda drawn: [drawn.user_id]),
    "/projects/{id}": _one("api/project", project_id=lambda drawn: drawn.project_id),
    "/projects/{id}/milestones": _one(
        "api/project_milestones_page",
        project_id=lambda drawn: drawn.project_id,
        size=_SIZE,
        skip=0,
        **dict.fromkeys(("status_category", "after_id", "after_due")),
    ),
    "/trading-operations": _operations(),
    "/trading-operations?sort=date": _operations(sort="date"),
    "/trading-operations?cursor": _operations(**_AFTER, last_day=lambda drawn: drawn.date),
    "/trading-operations?offset=300": _operations(skip=300),
    "/trading-operations?from&to&category&type": _operations(
        first_day=date(2023, 1, 1), last_day=date(2023, 3, 31), category="trade", type="expense"
    ),
    "/trading-operations?symbol": _operations(symbol=lambda drawn: drawn.symbol),
    "/trading-operations?milestone_id": _operations(milestone_id=lambda drawn: drawn.milestone_id),
    "/trading-operations?min_amount&max_amount": _operations(min_amount=Decimal(1000), max_amount=Decimal(2000)),
    "/trading-operations?sort=-amount": _operations(sort="-amount"),
    "/trading-operations?as_of": _one(
        "api/trading_operations_page",
        **{**_ANY, **_FIRST_PAGE, **_ALL_DAYS, "sort": "-date", "skip": 0, "size": _SIZE, "as_of": 1},
    ),
    "/trading-operations/{id}": _one("api/trading_operation", operation_id=lambda drawn: drawn.operation_id),
    "/trading-operations/{id} (months that left)": _one("trace/removed_months"),
    "/trading-operations/aggregates/by-day": _one("api/operations_by_day", **_SUMS),
    "/trading-operations/aggregates/by-category": _one("api/operations_by_category", **_SUMS),
    "/trading-operations/aggregates/by-symbol": _one("api/operations_by_symbol", **_SUMS),
    "/data/quality-metrics/{source}": _one("api/quality_metrics", source="nexus"),
    "/data/quality-metrics/{source}/by-day": _one("api/quality_by_day", source="nexus", **_QUALITY),
    "/data/quality-metrics/{source}/by-day?everybody": _one(
        "api/quality_by_day", source="nexus", **{**_QUALITY, "user_id": None, "first_day": date(2025, 1, 1)}
    ),
    "/auth/me": _one("api/user_profile"),
    "/auth/login": _one("api/sign_in_account", email=lambda drawn: f"USER{drawn.user_id[1:]}@example.org"),
    "/frenly-ai/status": _one("api/frenly_ai_status"),
    "/frenly-ai/tasks": _one("api/frenly_ai_tasks_page", **_TASKS),
    "?user_id (may it be seen)": _one(
        "api/may_see_user", viewer="u1", subject=lambda drawn: drawn.user_id, any_user=False
    ),
}
"""By endpoint; every question is one user's."""
