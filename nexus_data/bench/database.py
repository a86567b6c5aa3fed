"""`nexus bench db`: the statements behind each endpoint on a large database, how long they take and what Postgres does.

Nothing is cached by us: every question is asked of Postgres, of a user drawn anew.
"""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg.rows import dict_row

from nexus_data.bench.filling import fill, months
from nexus_data.bench.machine import Machine, machine
from nexus_data.bench.meter import Servers
from nexus_data.bench.plans import outline, plan, sequential
from nexus_data.bench.questions import QUESTIONS, UNPREPARED, Drawn, Question
from nexus_data.bench.scratch import scratch_folder
from nexus_data.errors import RunError
from nexus_data.postgres.connect import libpq_conninfo
from nexus_data.services import running
from nexus_data.settings import Settings
from nexus_data.sql import query

_OPTIONS = "-c default_transaction_read_only=on -c jit=off"
_WARM_UP = 10


class Asked(msgspec.Struct, frozen=True):
    """What an endpoint asks, in milliseconds a question (all its statements). plans: by statement, of the last user
    drawn. sequential: larger tables that one of them read from end to end."""

    endpoint: str
    statements: list[str]
    questions: int
    p50: float
    p95: float
    slowest: float
    postgres_cpu: float | None
    sequential: list[str]
    plans: dict[str, list[str]]


class DatabaseBench(msgspec.Struct, frozen=True):
    """bytes: of the database. filling_seconds: what making it took."""

    rows: int
    users: int
    months: int
    bytes: int
    filling_seconds: float
    asked: list[Asked]
    machine: Machine


def bench(
    *,
    rows: int,
    users: int = 10_000,
    month_count: int = 60,
    samples: int = 200,
    seed: int = 1,
    folder: Path | None = None,
) -> DatabaseBench:
    """Fill a database of its own on embedded servers and ask every question of `samples` users.

    folder: where it is made (and removed again); the system's temporary folder when None.
    """
    about = machine()
    with scratch_folder(folder) as scratch, running(Settings(home=scratch / "home")) as services:
        since = time.monotonic()
        fill(services.postgres_url, rows=rows, users=users, month_count=month_count, folder=scratch)
        filling = time.monotonic() - since
        with psycopg.connect(
            libpq_conninfo(services.postgres_url), options=_OPTIONS, autocommit=True, row_factory=dict_row
        ) as database:
            size = database.execute("SELECT pg_database_size(current_database()) AS bytes").fetchone() or {}
            draws = drawn(database, users=users, count=samples, seed=seed, from_day=_middle(month_count))
            servers = Servers.of(services)
            asked = [measured(database, servers, name, question, draws) for name, question in QUESTIONS.items()]
    return DatabaseBench(rows, users, month_count, size["bytes"], round(filling, 1), asked, about)


def _middle(month_count: int) -> date:
    return date.fromisoformat(f"{months(month_count)[month_count // 2]}-15")


def drawn(database: psycopg.Connection[Any], *, users: int, count: int, seed: int, from_day: date) -> list[Drawn]:
    """Users drawn evenly, among those who have operations from that day on. RunError when there are too few."""
    dice, found = random.Random(seed), list[Drawn]()  # noqa: S311 - a sample, no secret
    for _ in range(10 * count):
        values = {"number": dice.randrange(users), "from_day": from_day}
        row = database.execute(query("bench/draw"), values).fetchone()
        if row is not None:
            found.append(Drawn(**row))
        if len(found) == count:
            return found
    raise RunError("hardly any user has operations; give more --rows")


def measured(
    database: psycopg.Connection[Any], servers: Servers, endpoint: str, question: Question, draws: Sequence[Drawn]
) -> Asked:
    """Ask the question of every user drawn, after a few that warm the session up; then see the last one's plans."""
    for one in draws[:_WARM_UP]:
        question(_asker(database), one)
    since = servers.now()
    took = sorted(_timed(database, question, one) for one in draws)
    cpu = servers.cost(endpoint, since).postgres_cpu
    plans = dict(_plans(database, question, draws[-1]))
    return Asked(
        endpoint=endpoint,
        statements=list(plans),
        questions=len(took),
        p50=_at(took, 50),
        p95=_at(took, 95),
        slowest=_at(took, 100),
        postgres_cpu=None if cpu is None else round(1000 * cpu / len(took), 2),
        sequential=sorted({table for top in plans.values() for table in sequential(database, top)}),
        plans={statement: outline(top) for statement, top in plans.items()},
    )


def _timed(database: psycopg.Connection[Any], question: Question, one: Drawn) -> float:
    since = time.perf_counter()
    question(_asker(database), one)
    return time.perf_counter() - since


def _at(took: Sequence[float], percent: int) -> float:
    """Milliseconds by which so many of a hundred were answered; took: seconds, in order."""
    return round(1000 * took[max(0, -(-len(took) * percent // 100) - 1)], 2)


def _asker(database: psycopg.Connection[Any]) -> Any:
    def ask(statement: str, values: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        prepare = False if statement in UNPREPARED else None
        found: Sequence[Mapping[str, Any]] = database.execute(query(statement), values, prepare=prepare).fetchall()
        return found

    return ask


def _plans(
    database: psycopg.Connection[Any], question: Question, one: Drawn
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    sent: list[tuple[str, Mapping[str, Any]]] = []
    plain = _asker(database)

    def ask(statement: str, values: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        sent.append((statement, values))
        found: Sequence[Mapping[str, Any]] = plain(statement, values)
        return found

    question(ask, one)
    for statement, values in sent:
        yield statement, plan(database, statement, values)
