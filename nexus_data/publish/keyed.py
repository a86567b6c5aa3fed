"""Keyed tables into Postgres: the run's changed rows replace those of the same key, in the caller's transaction."""

from pathlib import Path

import polars as pl
import psycopg
from psycopg import sql

from nexus_data.deduplicate.keyed import PUBLISHED, unique_columns
from nexus_data.publish.copy import as_jsonb, copy_frame
from nexus_data.tables.model import Kind, Table
from nexus_data.tables.polars_schema import schema

_NEVER_FROM_FILES = ("password_hash",)


def changed(snapshot: Path) -> pl.DataFrame:
    """The rows of a staged snapshot that this run brought."""
    return pl.read_parquet(snapshot, glob=False).filter(pl.col("file_no") != PUBLISHED)


def take_out(database: psycopg.Connection, table: Table, *, keys: pl.DataFrame) -> int:
    """Delete the rows of these keys, which vanished from their source. Rows deleted."""
    if keys.height == 0:
        return 0
    same = sql.SQL(" AND ").join(sql.SQL("row.{0} = gone.{0}").format(sql.Identifier(name)) for name in keys.columns)
    given = sql.SQL(", ").join(
        sql.SQL("unnest(%s::text[]) AS {}").format(sql.Identifier(name)) for name in keys.columns
    )
    statement = sql.SQL("DELETE FROM {} AS row USING (SELECT {}) AS gone WHERE {}")
    values = [keys[name].to_list() for name in keys.columns]
    return database.execute(statement.format(sql.Identifier(table.name), given, same), values).rowcount


def upsert(database: psycopg.Connection, table: Table, *, rows: pl.DataFrame) -> int:
    """Insert or replace rows by key; columns that never come from files keep what they hold. Rows written."""
    temporary = sql.Identifier(f"changed_{table.name}")
    target = sql.Identifier(table.name)
    create = sql.SQL("CREATE TEMPORARY TABLE {} (LIKE {}) ON COMMIT DROP").format(temporary, target)
    database.execute(create)
    names = [name for name in schema(table).names() if name not in _NEVER_FROM_FILES]
    frame = as_jsonb(rows.select(names), columns=[f.name for f in table.fields if f.kind is Kind.JSON])
    with database.cursor() as cursor:
        copy_frame(cursor, frame, table=temporary)
    for name in unique_columns(table):
        # Two keys may exchange a unique value, which no order of single updates can do.
        database.execute(_release(table, name, temporary))
    return database.execute(_merge(table, names, temporary)).rowcount


def _release(table: Table, column: str, temporary: sql.Identifier) -> sql.Composed:
    same = sql.SQL(" AND ").join(sql.SQL("old.{} = new.{}").format(*[sql.Identifier(n)] * 2) for n in table.key)
    return sql.SQL("UPDATE {} AS old SET {} = NULL FROM {} AS new WHERE {}").format(
        sql.Identifier(table.name), sql.Identifier(column), temporary, same
    )


def _merge(table: Table, names: list[str], temporary: sql.Identifier) -> sql.Composed:
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    key = sql.SQL(", ").join(map(sql.Identifier, table.key))
    rest = [sql.Identifier(name) for name in names if name not in table.key]
    updates = sql.SQL(", ").join(sql.SQL("{} = EXCLUDED.{}").format(name, name) for name in rest)
    return sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} ON CONFLICT ({}) DO UPDATE SET {}").format(
        sql.Identifier(table.name), columns, columns, temporary, key, updates
    )
