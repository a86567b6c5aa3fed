"""What `pipelines.storage` takes of Dagster beneath its public API: an upgrade that moves it fails here, by its name.

There is no public way to it: dagster.yaml takes another storage by its class, and a class can only be made of these.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import pytest
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage

from pipelines.storage import Storage, _Events, _Runs

_REPLACED = [
    (_Events, SqliteEventLogStorage, ["_connect", "_has_asset_key_index_cols_on_connection", "dispose"]),
    (_Runs, SqliteRunStorage, ["connect", "dispose"]),
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


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"
