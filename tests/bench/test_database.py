"""The statements behind the endpoints read no larger table from end to end, where they could: there are rows enough."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from nexus_data.bench.database import drawn, measured
from nexus_data.bench.filling import fill, months
from nexus_data.bench.meter import Servers
from nexus_data.bench.questions import QUESTIONS
from nexus_data.services import Services

_ROWS, _USERS, _MONTHS = 60_000, 300, 12
_API = Path(__file__).resolve().parents[2] / "nexus_data" / "api"


@pytest.fixture(scope="module")
def filled(
    fresh_database: Callable[..., AbstractContextManager[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[psycopg.Connection[Any]]:
    with fresh_database() as url:
        fill(url, rows=_ROWS, users=_USERS, month_count=_MONTHS, folder=tmp_path_factory.mktemp("bench"))
        with psycopg.connect(url, row_factory=dict_row) as database:
            yield database


def _asked(database: psycopg.Connection[Any], services: Services, endpoint: str) -> Any:
    from_day = psycopg.Date(2021, 7, 15)
    draws = drawn(database, users=_USERS, count=3, seed=7, from_day=from_day)
    return measured(database, Servers.of(services), endpoint, QUESTIONS[endpoint], draws)


@pytest.mark.parametrize("endpoint", QUESTIONS)
def test_no_question_reads_a_large_table_from_end_to_end(
    filled: psycopg.Connection[Any], services: Services, endpoint: str
) -> None:
    found = _asked(filled, services, endpoint)
    filled.rollback()
    assert found.sequential == [], found.plans
    assert 0 < found.p50 <= found.p95 <= found.slowest


def test_without_its_index_a_question_is_seen_to(filled: psycopg.Connection[Any], services: Services) -> None:
    filled.execute("DROP INDEX trading_operations_user_id_date_idx")
    found = _asked(filled, services, "/trading-operations?sort=-amount")
    filled.rollback()
    every = {f"trading_operations_{month.replace('-', '_')}" for month in months(_MONTHS)}
    assert found.sequential
    assert set(found.sequential) <= every


def test_there_is_as_much_as_was_asked_for(filled: psycopg.Connection[Any]) -> None:
    sums = filled.execute(
        "SELECT count(*) AS rows, sum(amount) AS amount, count(DISTINCT operation_id) AS ids FROM trading_operations"
    ).fetchone()
    marts = filled.execute("SELECT sum(operations) AS rows, sum(amount) AS amount FROM marts.daily_totals").fetchone()
    assert sums
    assert marts
    assert (sums["rows"], sums["ids"]) == (_ROWS, _ROWS)
    assert (marts["rows"], marts["amount"]) == (_ROWS, sums["amount"])


def test_every_statement_that_the_caches_stand_before_is_asked(
    filled: psycopg.Connection[Any], services: Services
) -> None:
    asked = {name for endpoint in QUESTIONS for name in _asked(filled, services, endpoint).statements}
    texts = [path.read_text(encoding="utf-8") for path in _API.glob("*.py")]
    published = "\n".join(text for text in texts if "Question, answered" in text)
    # Single tasks, and what is done to them and to an account at its sign-in, are never kept.
    one = {"api/frenly_ai_task", "background/by_key", "background/insert", "background/cancel"}
    one |= {"api/rehash_password"}
    sent = set(re.findall(r'(?:query\(|rows\(stores, )"([a-z_/]+)"', published))
    assert {"cache/project_dashboard", "api/trading_operations_page", "api/project"} <= sent - one <= asked
