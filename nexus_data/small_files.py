"""Many small Parquet files as one table that the engine holds. Which files these are is not known here.

Five years of statements are hundreds of files of a few rows, and DuckDB pays five times for each what Polars pays.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl

_BYTES = 16 * 1024**2
"""What is held at once at most, compressed."""


def are_small(paths: Sequence[str]) -> bool:
    """Whether the files have so few bytes that they may be held together."""
    return sum(Path(path).stat().st_size for path in paths) <= _BYTES


def hold(
    engine: duckdb.DuckDBPyConnection, name: str, paths: Sequence[str], *, columns: pl.Schema
) -> duckdb.DuckDBPyRelation:
    """A temporary table of these columns of the files, of which one without a column has nulls there, or of no file.

    Raises polars.exceptions.PolarsError or OSError when a file cannot be read, or has a column of another type.
    """
    # From one chunk: of each the engine makes a batch of its own.
    engine.register("read", _read(paths, columns).rechunk().to_arrow())
    engine.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS FROM read')
    engine.unregister("read")
    return engine.table(name)


def _read(paths: Sequence[str], columns: pl.Schema) -> pl.DataFrame:
    if not paths:
        return columns.to_frame()
    some = pl.scan_parquet(
        list(paths),
        schema=columns,
        glob=False,
        hive_partitioning=False,
        missing_columns="insert",
        extra_columns="ignore",
    )
    return some.collect()


def literal(path: str) -> str:
    """DuckDB reads * ? and [ in a path as a pattern, even of a file that is there."""
    return re.sub(r"[*?[]", r"[\g<0>]", path)
