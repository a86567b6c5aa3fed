"""Marts that are computed for the groups alone that some operations are in, and put in the place of these."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import polars as pl
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nexus_data.errors import MartError
from nexus_data.mart_declarations import declared, read_mart
from nexus_data.marts import MartFile, compute
from nexus_data.postgres.connect import connection
from nexus_data.publish.building import builders
from nexus_data.publish.marts import Computed, adopt_marts, build_marts, load_mart
from tests.canonical_rows import row, write
from tests.postgres.waiting import until

GROUPED = [mart for mart in declared() if mart.groups]

operations = st.lists(
    st.fixed_dictionaries(
        {
            "user_id": st.sampled_from(["ada", "bob", ""]),
            "date": st.sampled_from([date(2024, 1, 31), date(2024, 2, 1), date(2024, 2, 2)]),
            "category": st.sampled_from(["trade", "fee"]),
            "type": st.sampled_from(["income", "expense", None]),
            "currency": st.sampled_from(["EUR", "USD"]),
            "symbol": st.sampled_from(["ACME", "", None]),
            "security_id": st.sampled_from(["NL0000000001", None]),
            "side": st.sampled_from(["buy", "sell", None]),
            "amount": st.integers(0, 9).map(Decimal),
            "last_qty": st.one_of(st.none(), st.integers(1, 9).map(Decimal)),
        }
    ),
    max_size=12,
)


def _file(folder: Path, some: list[dict[str, Any]]) -> str:
    return write(folder, "trading_operations", [row("trading_operations", **one) for one in some])


def _computed(done: tuple[MartFile, ...]) -> list[Computed]:
    touched = [str(one.touched) if one.touched else None for one in done]
    return [
        Computed(one.name, str(one.path), one.key, one.refresh, one.rows, None, groups)
        for one, groups in zip(done, touched, strict=True)
    ]


def _rows(database: psycopg.Connection, done: tuple[MartFile, ...]) -> dict[str, list[Any]]:
    return {one.name: sorted(map(str, database.execute(f"TABLE marts.{one.name}").fetchall())) for one in done}


def _load(database: psycopg.Connection, done: tuple[MartFile, ...]) -> dict[str, list[Any]]:
    for one in _computed(done):
        load_mart(database, one)
    return _rows(database, done)


def _is_waiting(url: str) -> bool:
    with connection(url) as watcher:
        waits = "SELECT FROM pg_locks WHERE relation = 'trading_operations'::regclass AND NOT granted"
        return watcher.execute(waits).fetchone() is not None


def _holds_operations(url: str) -> bool:
    with connection(url) as watcher:
        held = "SELECT FROM pg_locks WHERE relation = 'trading_operations'::regclass AND mode = 'AccessExclusiveLock'"
        return watcher.execute(f"{held} AND granted").fetchone() is not None


def _swap(database: psycopg.Connection, url: str, done: tuple[MartFile, ...]) -> set[str]:
    """Build beside the tables, however few rows change, as a publish does, and commit. Those that were built."""
    with builders() as workers:
        built = build_marts(url, _computed(done), run_id="run", workers=workers, large=0)
        beside = {name: build for name, one in built.items() if (build := one.result()) is not None}
    for one in _computed(done):
        if one.name not in beside:
            load_mart(database, one)
    adopt_marts(database, beside)
    database.commit()
    return set(beside)


def _computed_over(folder: Path, stays: Any, goes: Any, comes: Any) -> list[tuple[MartFile, ...]]:
    """The marts before a change of operations; of what it touches, after it; and whole, after it."""
    folder = Path(mkdtemp(dir=folder))
    there, gone, new = (_file(folder, some) for some in (stays, goes, comes))
    names = [mart.name for mart in GROUPED]
    states: dict[str, tuple[list[str], dict[str, list[str]]]] = {
        "before": ([there, gone], {}),
        "part": ([there, new], {"changed": [gone, new], "narrowed": names}),
        "all": ([there, new], {}),
    }
    return [
        compute({"trading_operations": lake}, evidence={}, marts=GROUPED, out=folder / name, **touched)
        for name, (lake, touched) in states.items()
    ]


def _empty(database: psycopg.Connection) -> None:
    database.rollback()
    database.execute("DROP SCHEMA marts CASCADE")
    database.execute("CREATE SCHEMA marts")


@pytest.fixture
def database(database_url):
    with connection(database_url) as opened:
        yield opened


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stays=operations, goes=operations, comes=operations)
def test_replacing_what_is_touched_gives_what_computing_all_gives(tmp_path, database, stays, goes, comes):
    before, part, expected = _computed_over(tmp_path, stays, goes, comes)
    _empty(database)
    _load(database, before)
    found = _load(database, part)
    assert all(one.touched for one in part)
    assert {one.name: len(found[one.name]) for one in expected} == {one.name: one.rows for one in expected}
    _empty(database)
    assert found == _load(database, expected)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stays=operations, goes=operations, comes=operations)
def test_building_beside_gives_the_same_rows_and_index(tmp_path, database, database_url, stays, goes, comes):
    before, part, expected = _computed_over(tmp_path, stays, goes, comes)
    _empty(database)
    database.commit()
    _swap(database, database_url, before)
    beside = _swap(database, database_url, part)
    assert beside >= {one.name for one in part if one.rows * 5 >= _of(before, one.name).rows}
    found = _rows(database, part)
    assert {name for (name,) in database.execute("SELECT indexname FROM pg_indexes WHERE schemaname = 'marts'")} == {
        f"{one.name}_key" for one in part
    }
    _swap(database, database_url, expected)
    assert found == _rows(database, expected)


def _of(done: tuple[MartFile, ...], name: str) -> MartFile:
    return next(one for one in done if one.name == name)


def test_a_mart_is_swapped_between_two_readers_and_never_under_one(tmp_path, database, database_url):
    bought = {"symbol": "ACME", "type": "expense", "currency": "EUR"}
    one = _file(tmp_path, [{"user_id": "ada", **bought}])
    two = _file(tmp_path, [{"user_id": "bob", **bought}])
    before = compute({"trading_operations": [one]}, evidence={}, out=tmp_path / "before", marts=GROUPED)
    after = compute({"trading_operations": [one, two]}, evidence={}, out=tmp_path / "after", marts=GROUPED)
    _swap(database, database_url, before)
    counted = "SELECT count(*) FROM marts.positions"
    with connection(database_url) as reader, ThreadPoolExecutor(1) as publisher:
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reader.execute("LOCK TABLE ONLY trading_operations IN ACCESS SHARE MODE")
        assert reader.execute(counted).fetchone() == (1,)
        swap = publisher.submit(_swap, database, database_url, after)
        until(lambda: _is_waiting(database_url))
        assert reader.execute(counted).fetchone() == (1,)
        reader.rollback()
        assert swap.result(timeout=180) == {"daily_totals", "positions"}
        assert reader.execute(counted).fetchone() == (2,)


def test_a_reader_who_goes_from_a_mart_to_operations_is_let_by(tmp_path, database, database_url):
    """He has the one and waits for the other, and the swap has the other and waits for the one."""
    one = _file(tmp_path, [{"user_id": "ada", "symbol": "ACME", "type": "expense", "currency": "EUR"}])
    done = compute({"trading_operations": [one]}, evidence={}, out=tmp_path / "out", marts=GROUPED)
    _swap(database, database_url, done)
    with connection(database_url) as reader, ThreadPoolExecutor(1) as publisher:
        reader.execute("SELECT FROM marts.positions")
        swap = publisher.submit(_swap, database, database_url, done)
        until(lambda: _holds_operations(database_url))
        assert reader.execute("SELECT count(*) FROM trading_operations").fetchone() == (0,)
        reader.rollback()
        assert swap.result(timeout=180) == {"daily_totals", "positions"}


@pytest.mark.parametrize(
    "given",
    [
        "CREATE VIEW seen AS SELECT user_id FROM marts.positions",
        "CREATE INDEX ON marts.positions (symbol)",
        "GRANT SELECT ON marts.positions TO public",
        "GRANT SELECT (user_id) ON marts.positions TO public",
        "ALTER TABLE marts.positions ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE marts.positions REPLICA IDENTITY FULL; CREATE PUBLICATION seen FOR TABLE marts.positions",
    ],
)
def test_a_table_that_people_have_added_to_stays(tmp_path, database, database_url, given):
    bought = {"symbol": "ACME", "type": "expense", "currency": "EUR"}
    one = _file(tmp_path, [{"user_id": "ada", **bought}])
    two = _file(tmp_path, [{"user_id": "bob", **bought}])
    before = compute({"trading_operations": [one]}, evidence={}, out=tmp_path / "before", marts=GROUPED)
    after = compute({"trading_operations": [one, two]}, evidence={}, out=tmp_path / "after", marts=GROUPED)
    _swap(database, database_url, before)
    database.execute(given)
    database.commit()
    was = database.execute("SELECT 'marts.positions'::regclass::oid").fetchone()
    assert _swap(database, database_url, after) == {"daily_totals"}
    assert database.execute("SELECT 'marts.positions'::regclass::oid").fetchone() == was
    assert database.execute("SELECT count(*) FROM marts.positions").fetchone() == (2,)
    builds = "SELECT count(*) FROM pg_tables WHERE schemaname = 'marts' AND tablename LIKE 'build%'"
    assert database.execute(builds).fetchone() == (0,)


def test_only_what_is_touched_is_computed(tmp_path):
    bought = {"symbol": "ACME", "type": "expense", "currency": "EUR"}
    there = _file(tmp_path, [{"user_id": user, **bought} for user in ("ada", "bob")])
    new = _file(tmp_path, [{"user_id": "bob", **bought}])
    lake = {"trading_operations": [there, new]}
    done = compute(lake, evidence={}, out=tmp_path / "out", changed=[new], narrowed=["positions"], marts=GROUPED)
    totals, positions = done
    assert (totals.touched, totals.rows) == (None, 2)
    assert pl.read_ipc(positions.path).select("user_id", "operations").rows() == [("bob", 2)]
    assert positions.touched is not None
    assert pl.read_ipc(positions.touched).rows() == [("bob", "ACME", "", "EUR")]


@pytest.mark.parametrize("groups", ["user_id, colour", "user_id, account_id"])
def test_groups_are_columns_of_the_key_and_of_operations(tmp_path, groups):
    text = (
        "-- Users.\n-- grain: one row per user\n-- key: user_id, colour\n-- refresh: full\n"
        f"-- groups: {groups}\n-- column user_id: the user\n-- column colour: theirs\nSELECT user_id, 1 AS colour\n"
    )
    path = tmp_path / "mine.sql"
    path.write_text(text)
    with pytest.raises(MartError, match=r"its groups name '(colour|account_id)'"):
        read_mart(path)
