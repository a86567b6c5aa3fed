"""What is superseded leaves the published tables for those of the history, in the caller's transaction."""

from collections.abc import Collection
from pathlib import Path

import polars as pl
import psycopg
from psycopg import sql

from nexus_data.errors import RunError
from nexus_data.postgres.partitions import partition_name
from nexus_data.publish.copy import as_jsonb, copy_frame
from nexus_data.sql import query
from nexus_data.tables import HISTORY
from nexus_data.tables.polars_schema import schema

_OPERATIONS = "trading_operations"
_TABLE = HISTORY["superseded_operations"]


def superseded_operations(staging: Path) -> pl.DataFrame:
    """The operations that this run supersedes: published before, or outdated as they came in."""
    rows = pl.read_parquet(staging / "superseded-operations.parquet", glob=False)
    return rows.select(schema(_TABLE).names())


def keep_rows(database: psycopg.Connection, staging: Path) -> None:
    """Keep the versions of rows of keyed tables that this run replaces or takes out."""
    rows = pl.read_parquet(staging / "superseded-rows.parquet", glob=False)
    if rows.height:
        with database.cursor() as cursor:
            copy_frame(cursor, as_jsonb(rows, columns=["row"]), table=sql.Identifier("superseded_rows"))


def supersede(database: psycopg.Connection, rows: pl.DataFrame, *, generation: int, cold: Collection[str] = ()) -> int:
    """Keep the rows in the history and take out of the partitions those that were published. Rows taken out.

    cold: months that have no partition now, so that there is nothing to take out.
    Raises RunError when Postgres does not hold exactly what is to be taken out.
    """
    if rows.height == 0:
        return 0
    with database.cursor() as cursor:
        copy_frame(cursor, rows, table=sql.Identifier(_TABLE.name))
    published = rows.filter(pl.col("generation") < generation)
    months = published.group_by(month=pl.col("date").dt.strftime("%Y-%m")).len().sort("month")
    for month, expected in months.filter(~pl.col("month").is_in(list(cold))).iter_rows():
        _take_out(database, month, expected=expected, generation=generation)
    return published.height


def _take_out(database: psycopg.Connection, month: str, *, expected: int, generation: int) -> None:
    partition = sql.Identifier(partition_name(_OPERATIONS, month))
    statement = sql.SQL(query("publish/delete_superseded")).format(partition=partition)
    found = database.execute(statement, {"generation": generation}).rowcount
    if found != expected:
        raise RunError(
            f"{month}: {expected} operations are superseded, but Postgres holds {found} of them; nothing was committed"
        )
