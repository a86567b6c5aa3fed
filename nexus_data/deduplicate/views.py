"""Views of the engine over Parquet files of the lake and of the staging folder. What is asked of them is elsewhere."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from nexus_data import lake
from nexus_data.marts import literal
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


def lake_view(engine: duckdb.DuckDBPyConnection, name: str, table: Table, files: Sequence[str]) -> None:
    """A view over lake files of a table, or over nothing; it replaces the one of the same name."""
    # One way of making the view, empty or not: a registered frame would hide a view of the same name for good.
    if files:
        parquet_view(engine, name, files)
        return
    engine.register(f"no_{table.name}", lake.lake_schema(table).to_frame().to_arrow())
    engine.sql(f"SELECT * FROM no_{table.name}").create_view(name, replace=True)  # noqa: S608 - a declared name


def parquet_view(engine: duckdb.DuckDBPyConnection, name: str, files: Sequence[str], *, where: str = "true") -> None:
    """A view over Parquet files."""
    found = engine.read_parquet([literal(file) for file in files], hive_partitioning=False)
    found.filter(where).create_view(name, replace=True)
