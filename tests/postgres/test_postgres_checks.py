"""Rows that break a declared rule cannot be written, whoever writes them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.sql import SQL, Identifier, Placeholder

from nexus_data.postgres.connect import connection
from nexus_data.tables.ledger import OUTCOMES

_FILE = "00000000-0000-0000-0000-000000000001"
_ROW = {"source": "nexus", "file_id": _FILE, "record_no": 1, "row_fp": 1}
_LEDGER = {
    "run_id": "run",
    "file_no": 1,
    "generation": 1,
    "file_id": _FILE,
    "source": "nexus",
    "user_id": "u1",
    "table_name": "users",
    "hop": "publish",
    "partition": "",
    "records_in": 5,
    "fp_in": 2**70,
    **dict.fromkeys(OUTCOMES, 0),
    **{f"fp_{outcome}": 0 for outcome in OUTCOMES},
    "passed": 3,
    "duplicate": 2,
    "fp_passed": 2**70 + 9,
    "fp_duplicate": -9,
}
_USER = {**_ROW, "user_id": "u1", "email": "Ada@Example.org", "status": "active"}
_TASK = {**_ROW, "task_id": "t1", "user_id": "u1", "type": "x", "status": "failed", "created_at": "2024-01-01 00:00Z"}


@pytest.fixture(scope="module")
def shared(fresh_database: Callable[..., AbstractContextManager[str]]) -> Iterator[Connection[Any]]:
    with fresh_database() as url, connection(url) as opened:
        yield opened


@pytest.fixture
def database(shared: Connection[Any]) -> Iterator[Connection[Any]]:
    """A connection whose rows nobody keeps."""
    yield shared
    shared.rollback()


def _insert(database: Connection[Any], table: str, row: dict[str, object]) -> None:
    columns, values = SQL(", ").join(map(Identifier, row)), SQL(", ").join(map(Placeholder, row))
    database.execute(SQL("INSERT INTO {} ({}) VALUES ({})").format(Identifier(table), columns, values), row)


def test_a_balanced_hop_is_written(database: Connection[Any]) -> None:
    _insert(database, "ledger", _LEDGER)


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"records_in": 6}, "ledger_records_in_check"),
        ({"fp_in": 2**70 + 1}, "ledger_fp_in_check"),
        *(({outcome: _LEDGER[outcome] + 1}, "ledger_records_in_check") for outcome in OUTCOMES),  # type: ignore[operator]
        *(({f"fp_{outcome}": 1}, "ledger_fp_in_check") for outcome in OUTCOMES),
        ({"passed": 6, "duplicate": -1}, "ledger_duplicate_non_negative"),
        ({"hop": "elsewhere"}, "ledger_hop_values"),
    ],
)
def test_a_hop_that_does_not_balance_is_refused(
    database: Connection[Any], change: dict[str, object], check: str
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match=f'"{check}"'):
        _insert(database, "ledger", {**_LEDGER, **change})


@pytest.mark.parametrize(
    ("table", "row", "rule"),
    [
        ("users", {**_USER, "primary_pov_role": "wizard"}, "users_primary_pov_role_values"),
        ("frenly_ai_tasks", {**_TASK, "status": "done"}, "frenly_ai_tasks_status_values"),
        ("frenly_ai_tasks", {**_TASK, "progress": -1}, "frenly_ai_tasks_progress_non_negative"),
        ("users", {**_USER, "status": None}, "status"),
    ],
)
def test_a_row_outside_its_declared_values_is_refused(
    database: Connection[Any], table: str, row: dict[str, object], rule: str
) -> None:
    with pytest.raises(psycopg.IntegrityError, match=f'"{rule}"'):
        _insert(database, table, row)


def test_an_email_cannot_stand_twice_in_another_case(database: Connection[Any]) -> None:
    _insert(database, "users", _USER)
    with pytest.raises(psycopg.errors.UniqueViolation, match="users_lower_email_key"):
        _insert(database, "users", {**_USER, "user_id": "u2", "email": "aDA@eXAMPLE.org"})


def test_users_without_an_email_do_not_collide(database: Connection[Any]) -> None:
    _insert(database, "users", {**_USER, "email": None})
    _insert(database, "users", {**_USER, "user_id": "u2", "email": None})
