"""Small landed files in the platform's own plain formats, and questions to the database that a run filled."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from nexus_data.landing import discover
from nexus_data.pipeline import run_all
from nexus_data.postgres.connect import connection
from nexus_data.results import RunSummary
from nexus_data.settings import Settings

Rows = Sequence[dict[str, object]]
Land = Callable[..., Path]
Ask = Callable[..., list[tuple[Any, ...]]]
RunFiles = Callable[..., RunSummary]


@pytest.fixture
def land(home: Path) -> Land:
    """Write rows as a CSV file of the platform's plain format (all rows have the first one's columns)."""
    folder = home / "files"
    folder.mkdir()

    def write(name: str, rows: Rows) -> Path:
        columns = list(rows[0])
        lines = [",".join(columns), *(",".join(str(row[column]) for column in columns) for row in rows)]
        path = folder / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def run(settings: Settings) -> RunFiles:
    """Take files in, the whole way."""

    def take(*paths: Path, user: str | None = None, source: str | None = None) -> RunSummary:
        return run_all(settings, discover(settings, paths, user=user, source=source))

    return take


@pytest.fixture
def ask(database_url: str) -> Ask:
    """One query, all of its rows."""

    def query(statement: str, *values: object) -> list[tuple[Any, ...]]:
        with connection(database_url) as database:
            return database.execute(statement, values).fetchall()  # type: ignore[arg-type]

    return query


def operation(number: int, **changes: object) -> dict[str, object]:
    """An operation of the plain format; content identity when `exec_id` is set to ""."""
    row: dict[str, object] = {
        "exec_id": f"E{number}",
        "transact_time": f"2024-03-{number % 28 + 1:02d}T10:00:00Z",
        "user_id": "u1",
        "account_id": "A1",
        "type": "expense",
        "category": "trade",
        "amount": f"{number}.25",
        "currency": "EUR",
        "side": "buy",
        "symbol": "AAPL",
        "security_id": "US0378331005",
        "last_qty": "2",
        "last_px": "10.125",
        "commission": "0.5",
        "commission_currency": "EUR",
        "venue": "XNAS",
        "milestone_id": "",
        "description": f"number {number}",
    }
    return {**row, **changes}


def user(name: str, **changes: object) -> dict[str, object]:
    """A user of the plain format."""
    row: dict[str, object] = {
        "user_id": name,
        "email": f"{name}@example.org",
        "display_name": name.upper(),
        "primary_pov_role": "auditor",
        "status": "active",
        "created_at": "2023-01-01T00:00:00Z",
    }
    return {**row, **changes}


def project(name: str, **changes: object) -> dict[str, object]:
    """A project of the plain format, of user u1."""
    row: dict[str, object] = {
        "project_id": name,
        "user_id": "u1",
        "key": name.upper(),
        "name": f"Project {name}",
        "description": "",
        "status": "in_progress",
        "total_budget": "1000.50",
        "currency": "EUR",
        "start_date": "2024-01-01",
        "end_date": "2024-12-31",
        "created_at": "2023-12-01T00:00:00Z",
        "updated_at": "2024-01-02T00:00:00Z",
    }
    return {**row, **changes}


def milestone(name: str, **changes: object) -> dict[str, object]:
    """A milestone of the plain format, of project p1."""
    row: dict[str, object] = {
        "milestone_id": name,
        "project_id": "p1",
        "name": f"Milestone {name}",
        "description": "",
        "planned_amount": "100",
        "actual_amount": "40.5",
        "currency": "EUR",
        "due_on": "2024-06-30",
        "release_date": "",
        "status": "todo",
        "closed_at": "",
        "created_at": "2024-01-01T00:00:00Z",
        "updated_at": "2024-01-02T00:00:00Z",
    }
    return {**row, **changes}
