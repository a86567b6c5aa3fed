"""Each query shape that the product promises to serve is served by an index, and by no sort where order is asked."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest
from psycopg import Connection
from psycopg.sql import SQL

from nexus_data.postgres.connect import connection
from tests.postgres.rows import MONTHS, fill

_PARTITIONS = tuple(f"trading_operations_{month.replace('-', '_')}" for month in MONTHS)


@dataclass(frozen=True, slots=True)
class Shape:
    """A query, and the indexes that it may use: without any of them it must be seen to be slow."""

    name: str
    sql: str
    values: tuple[object, ...]
    indexes: tuple[str, ...]


_TASKS = "SELECT * FROM frenly_ai_tasks"
_OPERATIONS = "SELECT * FROM trading_operations"
_BY_USER = ("frenly_ai_tasks_user_id_created_at_idx", "frenly_ai_tasks_user_id_status_created_at_idx")
_BY_STATUS = ("frenly_ai_tasks_status_created_at_idx",)
_NEWEST = "ORDER BY created_at DESC LIMIT 20"

SHAPES = (
    Shape(
        "users by email",
        "SELECT * FROM users WHERE lower(email) = lower(%s)",
        ("someone77@EXAMPLE.org",),
        ("users_lower_email_key",),
    ),
    Shape(
        "users by role",
        "SELECT * FROM users WHERE primary_pov_role = %s",
        ("judge",),
        ("users_primary_pov_role_idx",),
    ),
    Shape("tasks by user", f"{_TASKS} WHERE user_id = %s", ("u7",), _BY_USER),
    Shape("tasks by status", f"{_TASKS} WHERE status = %s", ("failed",), _BY_STATUS),
    Shape(
        "tasks by user and status",
        f"{_TASKS} WHERE user_id = %s AND status = %s",
        ("u7", "completed"),
        (*_BY_USER, *_BY_STATUS),
    ),
    Shape("newest tasks", f"{_TASKS} {_NEWEST}", (), ("frenly_ai_tasks_created_at_idx",)),
    Shape("newest tasks of a user", f"{_TASKS} WHERE user_id = %s {_NEWEST}", ("u7",), _BY_USER[:1]),
    Shape("newest tasks of a status", f"{_TASKS} WHERE status = %s {_NEWEST}", ("failed",), _BY_STATUS),
    Shape(
        "newest tasks of a user and status",
        f"{_TASKS} WHERE user_id = %s AND status = %s {_NEWEST}",
        ("u0", "running"),
        _BY_USER[1:],
    ),
    Shape("projects by user", "SELECT * FROM projects WHERE user_id = %s", ("u7",), ("projects_user_id_idx",)),
    Shape(
        "milestones by project",
        "SELECT * FROM project_milestones WHERE project_id = %s",
        ("p7",),
        ("project_milestones_project_id_idx",),
    ),
    Shape("operations by user", f"{_OPERATIONS} WHERE user_id = %s", ("u7",), ("trading_operations_user_id_date_idx",)),
    Shape("operations by date", f"{_OPERATIONS} WHERE date = %s", ("2024-02-05",), ("trading_operations_pkey",)),
    Shape(
        "operations by user and date",
        f"{_OPERATIONS} WHERE user_id = %s AND date BETWEEN %s AND %s",
        ("u7", "2024-01-20", "2024-02-10"),
        ("trading_operations_user_id_date_idx",),
    ),
    Shape(
        "operations by milestone",
        f"{_OPERATIONS} WHERE milestone_id = %s",
        ("m70",),
        ("trading_operations_milestone_id_idx",),
    ),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What EXPLAIN says: nodes by type, and the indexes in use."""

    nodes: frozenset[str]
    indexes: frozenset[str]

    def serves(self, shape: Shape) -> bool:
        """Whether rows are found, and put in order, by the indexes that are there for this shape."""
        allowed = {name for index in shape.indexes for name in _with_partitions(index)}
        return (
            self.indexes > set()
            and self.indexes <= allowed
            and not self.nodes & {"Seq Scan", "Sort", "Incremental Sort"}
        )


@pytest.fixture(scope="module")
def filled(fresh_database: Callable[..., AbstractContextManager[str]]) -> Iterator[Connection[Any]]:
    with fresh_database() as url, connection(url) as database:
        fill(database)
        database.commit()
        yield database
        database.rollback()


def _plan(database: Connection[Any], shape: Shape) -> Plan:
    row = database.execute(SQL("EXPLAIN (FORMAT JSON) {}").format(SQL(shape.sql)), shape.values or None).fetchone()
    assert row
    nodes = list(_walk(row[0][0]["Plan"]))
    indexes = frozenset(node["Index Name"] for node in nodes if "Index Name" in node)
    return Plan(frozenset(node["Node Type"] for node in nodes), indexes)


def _walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _walk(child)


def _with_partitions(name: str) -> set[str]:
    return {name, *(name.replace("trading_operations", partition) for partition in _PARTITIONS)}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_the_shape_is_served_by_its_index(filled: Connection[Any], shape: Shape) -> None:
    plan = _plan(filled, shape)
    assert plan.serves(shape), plan


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_without_that_index_the_shape_is_not_served(filled: Connection[Any], shape: Shape) -> None:
    for index in shape.indexes:
        table = "trading_operations" if index.startswith("trading_operations") else None
        drop = f"ALTER TABLE {table} DROP CONSTRAINT {index}" if index.endswith("_pkey") else f"DROP INDEX {index}"
        filled.execute(drop.encode())
    plan = _plan(filled, shape)
    filled.rollback()
    assert not plan.serves(shape), plan


def test_a_query_by_date_opens_its_own_month_only(filled: Connection[Any]) -> None:
    shape = next(shape for shape in SHAPES if shape.name == "operations by date")
    assert _plan(filled, shape).indexes == {f"{_PARTITIONS[1]}_pkey"}


def test_an_email_is_one_users_whatever_its_case(filled: Connection[Any]) -> None:
    shape = SHAPES[0]
    assert len(filled.execute(shape.sql.encode(), shape.values).fetchall()) == 1
