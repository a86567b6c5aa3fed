"""The rows behind a cell, and an operation by its id alone, are found by indexes: never by reading a month through."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection
from psycopg.sql import SQL, Composed

from nexus_data.marts import compute
from nexus_data.postgres.connect import connection
from nexus_data.provenance.declarations import provenance
from nexus_data.publish.marts import Computed, load_mart
from nexus_data.sql import query
from tests.postgres.rows import MONTHS, fill

_PARTITIONS = tuple(f"trading_operations_{month.replace('-', '_')}" for month in MONTHS)

_MARTS = """
INSERT INTO marts.milestones (user_id, project_id, milestone_id, currency, own_currency, operations)
SELECT user_id, project_id, milestone_id, 'EUR', true, 1 FROM project_milestones JOIN projects USING (project_id);
INSERT INTO marts.project_dashboard (user_id, project_id, currency)
SELECT user_id, project_id, 'EUR' FROM projects;
-- Payments for milestones, so many that even the index of these alone is not read through.
INSERT INTO trading_operations (
    operation_id, date, user_id, category, amount, currency, milestone_id, source, file_id, record_no, row_fp,
    generation
)
SELECT
    md5('payment' || n)::uuid, DATE '2024-01-01' + n % 90, 'u' || n % 500, 'purchase', n, 'EUR', 'm' || n % 5000,
    'nexus', md5('f')::uuid, n, n, 1
FROM generate_series(1, 45000) AS n;
ANALYZE
"""


@dataclass(frozen=True, slots=True)
class Shape:
    """A cell, and the indexes of trading_operations by which its rows may be found."""

    mart: str
    column: str
    key: dict[str, object]
    indexes: tuple[str, ...]


_BY_USER = ("trading_operations_user_id_date_idx", "trading_operations_pkey")
_BY_MILESTONE = ("trading_operations_milestone_id_idx",)

SHAPES = (
    Shape("daily_totals", "amount", {"user_id": "u7", "date": date(2024, 2, 5), "type": ""}, _BY_USER),
    Shape("daily_totals", "amount", {"user_id": "u7", "currency": "EUR"}, _BY_USER[:1]),
    Shape("positions", "money_in", {"user_id": "u7", "symbol": "S"}, _BY_USER[:1]),
    Shape("milestones", "expense", {"user_id": "u70", "milestone_id": "m70"}, _BY_MILESTONE),
    Shape("project_dashboard", "expense", {"user_id": "u70", "project_id": "p70"}, _BY_MILESTONE),
)


@pytest.fixture(scope="module")
def filled(
    fresh_database: Callable[..., AbstractContextManager[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connection[Any]]:
    with fresh_database() as url, connection(url) as database:
        for one in compute({}, evidence={}, out=tmp_path_factory.mktemp("marts")):
            load_mart(database, Computed(one.name, str(one.path), one.key, one.refresh, one.rows, None))
        fill(database)
        database.execute(_MARTS.encode())
        database.commit()
        yield database
        database.rollback()


def _page(shape: Shape, *, after: tuple[str, str] | None) -> tuple[Composed, dict[str, Any]]:
    mart = provenance()[shape.mart]
    rows = SQL(query(mart.columns[shape.column].rows))
    values = {**dict.fromkeys(name for name, _ in mart.mart.columns), **shape.key, "column": shape.column, "limit": 101}
    place = {"after_date": after[0] if after else None, "after_id": after[1] if after else None}
    place |= {"first_day": None, "last_day": None}
    return SQL(query("provenance/page")).format(rows=rows), {**values, **place}


def _nodes(database: Connection[Any], statement: Any, values: dict[str, Any]) -> list[dict[str, Any]]:
    explain = SQL("EXPLAIN (FORMAT JSON) {}").format(statement)
    row = database.execute(explain, values, prepare=False).fetchone()
    assert row
    return list(_walk(row[0][0]["Plan"]))


def _walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _walk(child)


def _served(nodes: list[dict[str, Any]], indexes: tuple[str, ...]) -> bool:
    """Whether every partition in the plan is read by one of these indexes, and by its condition."""
    allowed = {name.replace("trading_operations", part) for name in indexes for part in _PARTITIONS}
    of_operations = [node for node in nodes if node.get("Relation Name") in _PARTITIONS]
    by_index = [node for node in nodes if node.get("Index Name", "").startswith(_PARTITIONS)]
    conditions = all("Index Cond" in node for node in by_index)
    read = all(node["Node Type"] in ("Index Scan", "Index Only Scan", "Bitmap Heap Scan") for node in of_operations)
    return bool(by_index) and read and conditions and {node["Index Name"] for node in by_index} <= allowed


@pytest.mark.parametrize("after", [None, ("2024-02-05", "80000000-0000-0000-0000-000000000000")], ids=["first", "next"])
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.mart}-{'-'.join(shape.key)}")
def test_a_page_is_found_by_index(filled: Connection[Any], shape: Shape, after: tuple[str, str] | None) -> None:
    nodes = _nodes(filled, *_page(shape, after=after))
    assert _served(nodes, shape.indexes), nodes


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.mart}-{'-'.join(shape.key)}")
def test_without_its_indexes_it_is_not(filled: Connection[Any], shape: Shape) -> None:
    for index in shape.indexes:
        drop = f"ALTER TABLE trading_operations DROP CONSTRAINT {index}"
        filled.execute((drop if index.endswith("_pkey") else f"DROP INDEX {index}").encode())
    nodes = _nodes(filled, *_page(shape, after=None))
    filled.rollback()
    assert not _served(nodes, shape.indexes), nodes


def test_later_pages_leave_earlier_months_out(filled: Connection[Any]) -> None:
    nodes = _nodes(filled, *_page(SHAPES[1], after=("2024-03-01", str(UUID(int=0)))))
    assert {node["Index Name"] for node in nodes if node.get("Index Name", "").startswith("trading")} == {
        f"{_PARTITIONS[2]}_user_id_date_idx"
    }


def test_an_operation_is_found_by_its_id_in_the_keys_of_the_days(filled: Connection[Any]) -> None:
    ((name, day),) = filled.execute("SELECT operation_id, date FROM trading_operations LIMIT 1").fetchall()
    values = {"operation_id": name, "user_id": None}
    nodes = _nodes(filled, SQL(query("trace/operation")), values)
    assert _served(nodes, ("trading_operations_pkey",)), nodes
    found = filled.execute(query("trace/operation"), values).fetchall()
    assert [row[1] for row in found] == [day]
