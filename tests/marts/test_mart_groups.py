"""Marts that are computed for the groups alone that some operations are in, and put in the place of these."""

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
from nexus_data.publish.marts import Computed, load_mart
from tests.canonical_rows import row, write

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


def _load(database: psycopg.Connection, done: tuple[MartFile, ...]) -> dict[str, list[Any]]:
    for one in done:
        touched = str(one.touched) if one.touched else None
        kept = Computed(one.name, str(one.path), one.key, one.refresh, one.rows, None, touched)
        load_mart(database, kept)
    return {one.name: sorted(map(str, database.execute(f"TABLE marts.{one.name}").fetchall())) for one in done}


@pytest.fixture
def database(database_url):
    with connection(database_url) as opened:
        yield opened


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stays=operations, goes=operations, comes=operations)
def test_replacing_what_is_touched_gives_what_computing_all_gives(tmp_path, database, stays, goes, comes):
    folder = Path(mkdtemp(dir=tmp_path))
    there, gone, new = (_file(folder, some) for some in (stays, goes, comes))
    whole = {"evidence": {}, "marts": GROUPED}
    before = compute({"trading_operations": [there, gone]}, out=folder / "before", **whole)
    lake = {"trading_operations": [there, new]}
    expected = compute(lake, out=folder / "all", **whole)
    names = [mart.name for mart in GROUPED]
    part = compute(lake, out=folder / "part", **whole, changed=[gone, new], narrowed=names)

    database.rollback()
    database.execute("DROP SCHEMA marts CASCADE")
    database.execute("CREATE SCHEMA marts")
    _load(database, before)
    found = _load(database, part)
    assert all(one.touched for one in part)
    assert {one.name: len(found[one.name]) for one in expected} == {one.name: one.rows for one in expected}
    database.rollback()
    database.execute("DROP SCHEMA marts CASCADE")
    database.execute("CREATE SCHEMA marts")
    assert found == _load(database, expected)


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
