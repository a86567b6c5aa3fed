"""Views of the engine over Parquet files of the lake and of the staging folder. What is asked of them is elsewhere."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl

from nexus_data import lake
from nexus_data.small_files import are_small, hold, literal
from nexus_data.tables.model import Table

_MEMORY = "300MB"


def engine(staging: Path) -> duckdb.DuckDBPyConnection:
    """An engine of little memory that spills beside the run's staged files."""
    return duckdb.connect(
        config={
            "threads": 2,
            "memory_limit": _MEMORY,
            "temp_directory": str(staging / "spill"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": False,
        }
    )


def lake_view(
    engine: duckdb.DuckDBPyConnection,
    name: str,
    table: Table,
    files: Sequence[str],
    *,
    columns: Sequence[str] | None = None,
) -> None:
    """A view over lake files of a table, or over nothing; it replaces the one of the same name.

    columns: those that are asked of it; None: all.
    """
    schema = lake.lake_schema(table)
    read = schema if columns is None else pl.Schema((one, schema[one]) for one in columns)
    # One way of making the view, empty or not: a registered frame would hide a view of the same name for good.
    if are_small(files):
        hold(engine, f"held_{name}", files, columns=read).create_view(name, replace=True)
    else:
        parquet_view(engine, name, files)


def parquet_view(engine: duckdb.DuckDBPyConnection, name: str, files: Sequence[str], *, where: str = "true") -> None:
    """A view over Parquet files."""
    found = engine.read_parquet([literal(file) for file in files], hive_partitioning=False)
    found.filter(where).create_view(name, replace=True)
