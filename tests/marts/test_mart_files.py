"""What holds for every mart, and what is said about a file that declares none properly."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from nexus_data.errors import MartError, RunError
from nexus_data.mart_declarations import declared, read_mart
from nexus_data.marts import compute
from tests.canonical_rows import lake, row, write

HEADER = """-- Users.
-- grain: one row per user
-- key: user_id
-- refresh: full
-- column user_id: the user
"""
SELECT = "SELECT user_id FROM users"


def _mart(folder: Path, text: str, name: str = "mine"):
    path = folder / f"{name}.sql"
    path.write_text(text)
    return read_mart(path)


def test_no_data_at_all_gives_every_mart_with_its_columns_and_no_rows(tmp_path):
    done = compute({}, evidence={}, out=tmp_path)
    assert [one.name for one in done] == [mart.name for mart in declared()]
    for one, mart in zip(done, declared(), strict=True):
        found = pl.read_ipc(one.path)
        assert (found.height, found.columns) == (0, [name for name, _ in mart.columns])
        assert (one.rows, one.key, one.refresh) == (0, mart.key, mart.refresh)


def test_no_column_of_any_mart_is_a_float(tmp_path):
    for one in compute({}, evidence={}, out=tmp_path):
        assert not [name for name, dtype in pl.read_ipc_schema(one.path).items() if dtype.is_float()]


def test_the_marts_asked_for_are_there():
    assert {"daily_totals", "positions", "project_dashboard", "milestones", "data_quality"} <= {
        mart.name for mart in declared()
    }


def test_every_column_is_explained():
    assert not [(m.name, name) for m in declared() for name, meaning in m.columns if not meaning]


def test_rows_come_sorted_by_key_and_the_same_each_time(tmp_path):
    users = [row("users", user_id=user_id) for user_id in ("c", "a", "d", "b")]
    mart = _mart(tmp_path, HEADER + SELECT)
    files = lake(tmp_path / "lake", users=users)
    first, second = (compute(files, evidence={}, out=tmp_path / out, marts=[mart])[0] for out in ("1", "2"))
    assert pl.read_ipc(first.path)["user_id"].to_list() == ["a", "b", "c", "d"]
    assert first.path.read_bytes() == second.path.read_bytes()


def test_a_table_may_be_many_files_and_an_older_one_may_lack_a_column(tmp_path):
    older = Path(write(tmp_path, "users", [row("users", user_id="old")]))
    pl.read_parquet(older).drop("display_name").write_parquet(older)
    newer = write(tmp_path, "users", [row("users", user_id="new", display_name="New")])
    mart = _mart(tmp_path, HEADER + "-- column display_name: as shown\nSELECT user_id, display_name FROM users;\n")
    (one,) = compute({"users": [str(older), newer]}, evidence={}, out=tmp_path / "out", marts=[mart])
    assert pl.read_ipc(one.path).rows() == [("new", "New"), ("old", None)]


def test_paths_are_taken_as_they_are(tmp_path):
    """Quotes, and what engines take for a pattern."""
    folder = tmp_path / "it's [1]*?"
    (found,) = compute(
        lake(folder, users=[row("users", user_id="a")]),
        evidence={},
        out=folder / "out",
        marts=[_mart(tmp_path, HEADER + SELECT)],
    )
    assert found.rows == 1


def test_a_month_in_a_folder_name_adds_no_column(tmp_path):
    operation = row("trading_operations", user_id="a", date=date(2024, 3, 5), amount=Decimal(1))
    files = lake(tmp_path / "month=1999-01", trading_operations=[operation])
    totals = next(mart for mart in declared() if mart.name == "daily_totals")
    (found,) = compute(files, evidence={}, out=tmp_path / "out", marts=[totals])
    assert pl.read_ipc(found.path)["month"].to_list() == ["2024-03"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (SELECT, "lacks '-- grain: ...'"),
        (HEADER.replace("-- key: user_id\n", "") + SELECT, "lacks '-- key: ...'"),
        (HEADER.replace("-- refresh: full\n", "") + SELECT, "lacks '-- refresh: ...'"),
        (HEADER.replace("key: user_id", "key: user_id, day") + SELECT, "'day'"),
        (HEADER.replace("full", "daily") + SELECT, "'daily'"),
        (HEADER.replace("full", "month") + SELECT, "needs a column month"),
        (HEADER + "-- column user_id: again\n" + SELECT, "'user_id' twice"),
    ],
)
def test_a_bad_header_is_an_error_that_names_the_file(tmp_path, text, reason):
    with pytest.raises(MartError) as error:
        _mart(tmp_path, text)
    assert str(error.value).startswith(f"{tmp_path / 'mine.sql'}: ")
    assert reason in str(error.value)


def test_a_name_that_is_no_table_name_is_an_error(tmp_path):
    with pytest.raises(MartError, match=r"My mart\.sql"):
        _mart(tmp_path, HEADER + SELECT, name="My mart")


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT FROM FROM users", "Parser Error"),
        ("SELECT nobody AS user_id FROM users", "nobody"),
        ("SELECT user_id FROM strangers", "strangers"),
        ("SELECT user_id, email FROM users", "email"),
        ("SELECT 0.5::DOUBLE AS user_id", "user_id is DOUBLE"),
        ("SELECT sum(1) AS user_id", "user_id is HUGEINT"),
        ("SELECT 'a' AS user_id FROM users", "2 rows, 1 distinct keys"),
        ("SELECT nullif(user_id, 'a') AS user_id FROM users", "1 keys with a null"),
    ],
)
def test_a_select_that_does_not_keep_its_header_is_an_error_that_names_the_file(tmp_path, sql, reason):
    files = lake(tmp_path / "lake", users=[row("users", user_id="a"), row("users", user_id="b")])
    with pytest.raises(MartError) as error:
        compute(files, evidence={}, out=tmp_path / "out", marts=[_mart(tmp_path, HEADER + sql)])
    assert str(tmp_path / "mine.sql") in str(error.value)
    assert reason in str(error.value)


def test_a_sum_that_does_not_fit_is_an_error_and_no_wrong_number(tmp_path):
    huge = [row("trading_operations", user_id="a", currency="EUR", amount=Decimal("9" * 20)) for _ in range(2)]
    with pytest.raises(RunError, match="daily_totals"):
        compute(lake(tmp_path / "lake", trading_operations=huge), evidence={}, out=tmp_path / "out")


def test_a_lake_file_that_is_gone_is_an_error(tmp_path):
    with pytest.raises(RunError, match=r"users .*gone\.parquet"):
        compute({"users": [str(tmp_path / "gone.parquet")]}, evidence={}, out=tmp_path / "out")
