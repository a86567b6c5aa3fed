"""Of a mart that declares groups, only what some operations can have changed. Which these are is the run's business."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa

from nexus_data.mart_declarations import Mart
from nexus_data.small_files import are_small, hold, literal
from nexus_data.tables.model import Kind
from nexus_data.tables.polars_schema import schema
from nexus_data.tables.trading_operations import TRADING_OPERATIONS

LAKE = "lake_operations"
"""The view of all operations, which `narrow` puts a part of in the place of."""

_KINDS = {field.name: field.kind for field in TRADING_OPERATIONS.fields}
_ROWS = 20_000


def narrow(engine: duckdb.DuckDBPyConnection, mart: Mart, changed: Sequence[str], *, keys: Path) -> None:
    """Have the view of operations show only those of the mart's groups that the changed operations are in.

    changed: Parquet files of operations that came or went. keys: becomes an Arrow IPC file of these groups as the mart
    has them: what it holds of them is to be replaced by what it computes now.
    """
    wanted = _listed(f"{_as_in_mart(name)} AS {_quoted(name)}" for name in mart.groups)
    _operations(engine, mart, changed).project(wanted).distinct().create("touched")
    groups = engine.table("touched")
    same = " AND ".join(f"{_as_in_mart(name, of='operation.')} = touched.{_quoted(name)}" for name in mart.groups)
    part = engine.view(LAKE).set_alias("operation").join(groups.set_alias("touched"), same, how="semi")
    part.create_view(TRADING_OPERATIONS.name, replace=True)
    _write(groups.order(_listed(map(_quoted, mart.groups))).to_arrow_reader(_ROWS), keys)


def _operations(engine: duckdb.DuckDBPyConnection, mart: Mart, files: Sequence[str]) -> duckdb.DuckDBPyRelation:
    if are_small(files):
        columns = schema(TRADING_OPERATIONS)
        return hold(engine, "changed", files, columns=pl.Schema((name, columns[name]) for name in mart.groups))
    return engine.read_parquet([literal(file) for file in files], union_by_name=True, hive_partitioning=False)


def widen(engine: duckdb.DuckDBPyConnection) -> None:
    """Have the view of operations show all of them again."""
    engine.view(LAKE).create_view(TRADING_OPERATIONS.name, replace=True)
    engine.execute("DROP TABLE touched")


def _as_in_mart(name: str, *, of: str = "") -> str:
    return f"coalesce({of}{_quoted(name)}, '')" if _KINDS[name] is Kind.TEXT else f"{of}{_quoted(name)}"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _listed(expressions: Iterable[str]) -> str:
    return ", ".join(expressions)


def _write(rows: pa.RecordBatchReader, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as out, pa.ipc.new_file(out, rows.schema) as file:
        for batch in rows:
            file.write_batch(batch)
