"""Installations with two years of operations, of a user and a source each, in the platform's own plain format."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from nexus_data.landing import Landing
from nexus_data.pipeline import run_all
from nexus_data.postgres.connect import connection
from nexus_data.results import RunSummary
from nexus_data.retention import parse
from nexus_data.settings import Settings
from nexus_data.verify import verify

NOW = datetime(2026, 2, 10, 3, 0, tzinfo=UTC)
HEADER = (
    "exec_id,transact_time,user_id,account_id,type,category,amount,currency,side,symbol,security_id,last_qty,last_px,"
    "commission,commission_currency,venue,milestone_id,description"
)

Ask = Callable[..., list[tuple[Any, ...]]]


def line(number: int, day: str, *, user: str = "ann", amount: str = "10.25") -> str:
    """A purchase of a day (YYYY-MM-DD)."""
    return f"E{number},{day}T10:00:00Z,{user},A1,expense,trade,{amount},EUR,buy,AAPL,,2,,,,,,"


@pytest.fixture
def take(settings: Settings) -> Callable[..., RunSummary]:
    """take(ann=lines, bob=lines): a file of operations for each user, in one run, all the way."""

    def take(**lines: list[str]) -> RunSummary:
        landings = []
        for user, rows in lines.items():
            path = settings.home / f"{user}-{rows[0].partition(',')[0]}.csv"
            path.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
            landings.append(Landing(path, user=user))
        return run_all(settings, landings)

    return take


@pytest.fixture
def ask(database_url: str) -> Ask:
    """One query, all of its rows."""

    def query(statement: str, *values: object) -> list[tuple[Any, ...]]:
        with connection(database_url) as database:
            return database.execute(statement, values).fetchall()  # type: ignore[arg-type]

    return query


def keeping(settings: Settings, retention: str) -> Settings:
    """The settings with another retention."""
    return replace(settings, retention=parse(retention))


def months(ask: Ask) -> list[str]:
    """The month partitions that readers see."""
    found = ask("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'trading_operations'::regclass")
    return sorted(name.removeprefix("trading_operations_").replace("_", "-") for (name,) in found)


def demand_clean(settings: Settings) -> tuple[str, ...]:
    """The verifier finds nothing; what it could not check."""
    report = verify(settings)
    assert report.differences == ()
    return report.unchecked
