"""Two users with something to show each."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tests.canonical_rows import row

Tables = dict[str, list[dict[str, Any]]]


def platform(*, income: str = "10") -> Tables:
    """Ada has a project over its budget and a late milestone; Bob has one quiet project and a secret."""
    return {
        "users": [row("users", user_id="ada"), row("users", user_id="bob")],
        "projects": [
            row(
                "projects",
                project_id="p1",
                user_id="ada",
                key="ROOF",
                name="Roof",
                status="open",
                currency="EUR",
                total_budget=Decimal(1000),
                start_date=date(2024, 1, 1),
            ),
            row(
                "projects", project_id="p2", user_id="bob", name="Bob's secret", currency="USD", total_budget=Decimal(5)
            ),
        ],
        "project_milestones": [
            _milestone("m1", "p1", planned="600", actual="850.5", status_category="done"),
            _milestone("m2", "p1", planned="100", due_on=date(2024, 5, 1), name="Slates"),
            _milestone("m3", "p1", due_on=date(2024, 7, 1), name="Gutter"),
            _milestone("m4", "p1", planned="13", actual="8", currency="XXX"),
            _milestone("m5", "p2", planned="5"),
        ],
        "trading_operations": [
            _operation("2024-03-01", "expense", "200.000000000000000001", milestone_id="m1", description="Scaffold"),
            _operation("2024-04-02", "income", income, category="dividend", symbol="ACME"),
            _operation("2024-04-03", "income", "7", currency="USD"),
            _operation("2024-04-04", None, "99", category="trade"),
            _operation("2024-04-05", "expense", "1234", user_id="bob", description="Bob's secret"),
        ],
    }


def _milestone(milestone_id: str, project_id: str, **given: Any) -> dict[str, Any]:
    money = {f"{name}_amount": Decimal(given.pop(name)) for name in ("planned", "actual") if name in given}
    base = {"milestone_id": milestone_id, "project_id": project_id, "currency": "EUR", "status_category": "todo"}
    return row("project_milestones", **{**base, **money, **given})


def _operation(day: str, type_: str | None, amount: str, **given: Any) -> dict[str, Any]:
    base = {
        "date": date.fromisoformat(day),
        "transact_time": datetime.fromisoformat(f"{day}T10:00:00").replace(tzinfo=UTC),
        "user_id": "ada",
        "type": type_,
        "category": "other",
        "amount": Decimal(amount),
        "currency": "EUR",
        "source": "bank",
    }
    return row("trading_operations", **{**base, **given})
