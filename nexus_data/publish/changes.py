"""Writes down what a run changes for whom, in the transaction that does it. Who is told, and how, is elsewhere."""

from collections.abc import Iterable, Sequence

import polars as pl
import psycopg
from psycopg import sql

from nexus_data.publish.copy import copy_frame
from nexus_data.sql import query
from nexus_data.tables.changes import CHANGES
from nexus_data.tables.polars_schema import schema


def record_changes(
    database: psycopg.Connection, *, generation: int, operations: Sequence[str], keyed: Iterable[str]
) -> None:
    """operations: the Parquet files of the run's new operations. keyed: the tables that `changed_*` were merged into.

    What is superseded must be in the history tables by now.
    """
    if operations:
        with database.cursor() as cursor:
            copy_frame(cursor, _of_operations(operations, generation), table=sql.Identifier("changes"))
    values = {"generation": generation}
    for name in keyed:
        owned = "publish/changes_of_milestones" if name == "project_milestones" else "publish/changes_of_rows"
        statement = sql.SQL(query(owned)).format(
            changed=sql.Identifier(f"changed_{name}"), name=sql.Literal(name), generation=sql.Literal(generation)
        )
        database.execute(statement)
    database.execute(query("publish/changes_of_history"), values)


def _of_operations(paths: Sequence[str], generation: int) -> pl.DataFrame:
    days = pl.col("date")
    counted = (
        pl.scan_parquet(list(paths), glob=False)
        .group_by("user_id")
        .agg(published=pl.len().cast(pl.Int64), first_day=days.min(), last_day=days.max())
        .with_columns(
            generation=pl.lit(generation, dtype=pl.Int64),
            table_name=pl.lit("trading_operations"),
            superseded=pl.lit(0, dtype=pl.Int64),
        )
    )
    return counted.select(schema(CHANGES).names()).sort("user_id").collect()
