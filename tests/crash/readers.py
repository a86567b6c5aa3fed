"""Readers who ask all along, each in its own way, and what they were answered by generation.

One statement is on its own (READ COMMITTED); several share a snapshot, taken after the lock that the README asks for.
"""

import asyncio
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
import redis

from nexus_data.api.dashboard import dashboard
from nexus_data.api.stores import Stores, opened
from nexus_data.errors import ServiceError
from nexus_data.postgres.connect import libpq_conninfo
from nexus_data.services import Services
from tests.crash.states import without_time

Session = psycopg.AsyncConnection[Any]
USERS = ("u1", "u2", "u3")
_PAUSE_SECONDS = 0.04

_ONE_STATEMENT = """
    SELECT
        (SELECT coalesce(max(generation), 0) FROM generations),
        (SELECT string_agg(month || n || total, ' ' ORDER BY month)
         FROM (SELECT month, sum(operations) AS n, sum(amount) AS total FROM marts.daily_totals GROUP BY 1) AS totals),
        (SELECT sum(operations) FROM marts.positions),
        (SELECT string_agg(month || n || total, ' ' ORDER BY month)
         FROM (SELECT to_char(date, 'YYYY-MM ') AS month, count(*) AS n, sum(amount) AS total
               FROM trading_operations GROUP BY 1) AS months),
        (SELECT string_agg(milestone_id || actual_amount, ' ' ORDER BY milestone_id) FROM project_milestones),
        (SELECT sum(row_fp) FROM users), (SELECT sum(records_in) FROM ledger), (SELECT count(*) FROM quarantine)
"""
_SEVERAL = (
    "SELECT coalesce(max(generation), 0) FROM generations",
    "SELECT count(*), sum(amount), sum(row_fp) FROM trading_operations WHERE date >= '2024-04-01'",
    "SELECT count(*), sum(amount), sum(row_fp) FROM trading_operations WHERE date < '2024-04-01'",
    "SELECT sum(actual_amount), count(*) FROM project_milestones",
    "SELECT sum(passed), sum(rejected), sum(held) FROM ledger",
    "SELECT sum(operations), sum(amount) FROM marts.daily_totals",
    "SELECT sum(bought), sum(money_in) FROM marts.positions",
    "SELECT count(*) FROM files",
)


@dataclass(slots=True)
class Answers:
    """What was answered: by way of asking, then by generation, every different answer."""

    seen: dict[str, dict[int, set[Any]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    asked: int = 0

    def note(self, way: str, generation: int, answer: Any) -> None:
        """Keep an answer."""
        self.asked += 1
        self.seen[way][generation].add(answer)

    def contradictions(self, expected: "Answers") -> list[str]:
        """Answers that no undisturbed generation gives."""
        return [
            f"{way} in generation {generation}: {answer!r}, where it says {expected.seen[way][generation]!r}"
            for way, generations in self.seen.items()
            for generation, answers in generations.items()
            for answer in answers - expected.seen[way][generation]
        ]


def merged(parts: Iterable[Answers]) -> Answers:
    """All answers in one."""
    whole = Answers()
    for part in parts:
        for way, generations in part.seen.items():
            for generation, answers in generations.items():
                whole.seen[way][generation] |= answers
    return whole


@contextmanager
def asking(services: Services) -> Iterator[Answers]:
    """Ask in another thread for as long as the context is open; the answers are complete once it is closed."""
    answers, over = Answers(), threading.Event()
    failed: list[BaseException] = []

    def ask() -> None:
        try:
            asyncio.run(_ask_until(over, services, answers))
        except BaseException as error:  # noqa: BLE001 - told in the thread that can tell
            failed.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield answers
    finally:
        over.set()
        thread.join()
    if failed:
        raise failed[0]


def ask_once(services: Services) -> Answers:
    """What each way of asking is answered now; before the first publish there are no marts to ask."""
    answers = Answers()
    with suppress(psycopg.errors.UndefinedTable):
        asyncio.run(_ask_once(services, answers))
    return answers


async def _ask_once(services: Services, answers: Answers) -> None:
    async with opened(services) as stores, _sessions(services) as sessions:
        await _round(stores, sessions, answers)


async def _ask_until(over: threading.Event, services: Services, answers: Answers) -> None:
    while not over.is_set():
        # A server that was killed, or tables that no migration has made yet: no answer is no wrong answer.
        with suppress(psycopg.OperationalError, psycopg.errors.UndefinedTable, redis.RedisError, ServiceError):
            async with opened(services) as stores, _sessions(services) as sessions:
                while not over.is_set():
                    await _round(stores, sessions, answers)
                    await asyncio.sleep(_PAUSE_SECONDS)
        await asyncio.sleep(_PAUSE_SECONDS)


@asynccontextmanager
async def _sessions(services: Services) -> AsyncIterator[tuple[Session, Session]]:
    """One for single statements, each with a snapshot of its own; one whose transactions have one snapshot each."""
    conninfo = libpq_conninfo(services.postgres_url)
    async with (
        await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as single,
        await psycopg.AsyncConnection.connect(conninfo) as several,
    ):
        await several.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
        yield single, several


async def _round(stores: Stores, sessions: tuple[Session, Session], answers: Answers) -> None:
    for user in USERS:
        answer = await dashboard(stores, user_id=user)
        said = f'"generation" : {answer.generation},'.encode()
        assert said in answer.document or said.replace(b" ", b"") in answer.document, answer
        answers.note(f"dashboard of {user}", answer.generation, without_time(answer.document))
    single, several = sessions
    generation, *rest = (await (await single.execute(_ONE_STATEMENT)).fetchall())[0]
    answers.note("one statement", generation, tuple(rest))
    async with several.transaction():
        await several.execute("LOCK TABLE ONLY trading_operations IN ACCESS SHARE MODE")
        rows = [(await (await several.execute(statement)).fetchall())[0] for statement in _SEVERAL]
    answers.note("several statements", rows[0][0], tuple(rows[1:]))
