"""What `pipelines.storage` takes of Dagster beneath its public API: an upgrade that moves it fails here, by its name.

There is no public way to it: dagster.yaml takes another storage by its class, and a class can only be made of these.
"""

import ast
import inspect
import sqlite3
import textwrap
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.schedules.sqlite.sqlite_schedule_storage import SqliteScheduleStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage

from pipelines.storage import Storage, _Events, _Runs, _Schedules

_REPLACED = [
    (_Events, SqliteEventLogStorage, ["_connect", "_has_asset_key_index_cols_on_connection", "_initdb", "dispose"]),
    (_Runs, SqliteRunStorage, ["from_local", "connect", "dispose"]),
    (_Schedules, SqliteScheduleStorage, ["from_local", "dispose"]),
    (Storage, DagsterSqliteStorage, ["from_config_value"]),
]


@pytest.mark.parametrize(
    ("ours", "theirs", "name"),
    [(ours, theirs, name) for ours, theirs, names in _REPLACED for name in names],
    ids=lambda one: one if isinstance(one, str) else one.__name__,
)
def test_what_is_replaced_is_there_with_the_same_parameters(ours: type, theirs: type, name: str) -> None:
    assert name in vars(ours), "else this test is about nothing"
    replaced = getattr(theirs, name, None)
    assert replaced is not None, f"Dagster's {theirs.__name__} has no {name} any more: what does it call instead?"
    mine, its = (list(inspect.signature(inspect.unwrap(one)).parameters) for one in (getattr(ours, name), replaced))
    assert mine == its


@pytest.mark.parametrize(
    ("method", "names"),
    [
        (SqliteEventLogStorage._connect, {"_db_lock", "_initialized_dbs", "_initdb", "conn_string_for_shard"}),
        (SqliteRunStorage.connect, {"_conn_string"}),
        (
            DagsterSqliteStorage.__init__,
            {"base_dir", "_run_storage", "_event_log_storage", "_schedule_storage", "_inst_data"},
        ),
    ],
    ids=lambda one: getattr(one, "__qualname__", ""),
)
def test_what_it_does_is_done_with_the_same_parts(method: Callable[..., Any], names: set[str]) -> None:
    """Each of the names that ours uses in its place is used there: a part that was added to it would be missed."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(method))))
    found = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and _is_self(node.value)}
    assert found == names


def test_every_file_begins_as_dagster_makes_it_and_is_made_once(tmp_path: Path) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    for folder, kind in ((theirs, DagsterSqliteStorage), (ours, Storage)):
        storage = kind(str(folder))
        for run in ("first", "second"):
            with storage.event_log_storage.run_connection(run):  # type: ignore[attr-defined]
                pass
        storage.dispose()
    made = sorted(path.relative_to(theirs) for path in theirs.rglob("*.db"))
    assert {path.name for path in made} == {"runs.db", "first.db", "index.db", "second.db", "schedules.db"}
    assert [_contents(ours / name) for name in made] == [_contents(theirs / name) for name in made]
    (begun,) = ours.glob("history/empty-*")
    assert _contents(begun) == _contents(ours / "history" / "runs" / "second.db")


def test_a_file_that_was_not_made_to_the_end_is_completed(tmp_path: Path) -> None:
    Storage(str(tmp_path)).dispose()
    index = tmp_path / "history" / "runs" / "index.db"
    whole = [_contents(path) for path in (index, tmp_path / "history" / "runs.db")]
    for path, undone in (
        (index, "DELETE FROM alembic_version"),
        (tmp_path / "history/runs.db", "DROP TABLE instance_info"),
    ):
        with closing(sqlite3.connect(path)) as database, database:
            database.execute(undone)
    again = Storage(str(tmp_path))
    with again.event_log_storage.index_connection():  # type: ignore[attr-defined]
        pass
    again.dispose()
    assert [_contents(path) for path in (index, tmp_path / "history" / "runs.db")] == whole


def _contents(path: Path) -> tuple[set[Any], list[Any], list[Any]]:
    with closing(sqlite3.connect(path)) as database:
        tables = set(database.execute("SELECT type, name, sql FROM sqlite_master"))
        revision = database.execute("SELECT version_num FROM alembic_version").fetchall()
        return tables, revision, database.execute("PRAGMA journal_mode").fetchall()


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"
