"""Questions to the database whose answers are all of one generation, asked by whoever has a connection of any kind.

What is asked, and what the answers mean, is in the generators; this knows neither. A generator yields questions and is
sent rows, so that the same one serves a plain connection here and the API's event loop there.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from nexus_data.errors import TraceError
from nexus_data.postgres.connect import connection
from nexus_data.sql import query

Row = dict[str, Any]
Result = TypeVar("Result")

BEFORE_SNAPSHOT = "LOCK TABLE ONLY trading_operations IN ACCESS SHARE MODE"
"""Partitions are planned by a newer snapshot than the transaction's: see nexus_data.postgres.partitions."""


@dataclass(frozen=True, slots=True)
class Question:
    """One statement with its values."""

    statement: str | sql.Composed
    values: Mapping[str, object] = field(default_factory=dict)


Asking = Generator[Question, list[Row], Result]


def generation() -> Asking[int]:
    """The generation that the other answers are of. TraceError before the first publish."""
    rows = yield Question(query("ledger/current_generation"))
    if not rows:
        raise nothing_yet()
    return int(rows[0]["generation"])


def ask(url: str, asking: Asking[Result]) -> Result:
    """The result of questions asked over a connection of their own. ServiceError as `connection`."""
    try:
        return _ask(url, asking)
    except psycopg.errors.UndefinedTable:
        raise nothing_yet() from None


def nothing_yet() -> TraceError:
    """What to say of a database without tables, or without a generation."""
    return TraceError("nothing has been published yet: `nexus run` makes the first generation")


def _ask(url: str, asking: Asking[Result]) -> Result:
    with connection(url) as database:
        database.read_only = True
        database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        database.execute(BEFORE_SNAPSHOT)
        return answer(database, asking)


def answer(database: psycopg.Connection[Any], asking: Asking[Result]) -> Result:
    """The result of questions asked in the caller's transaction, whose snapshot makes them one generation's."""
    with database.cursor(row_factory=dict_row) as cursor:
        try:
            one = next(asking)
            while True:
                # Planned anew each time: a plan for any value would not know which key columns are given.
                one = asking.send(cursor.execute(one.statement, one.values, prepare=False).fetchall())
        except StopIteration as finished:
            result: Result = finished.value
            return result
