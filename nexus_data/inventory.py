"""How many rows there are now, in the lake and in Postgres. What a run added is in its StepResults."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import psycopg
from deltalake import DeltaTable
from psycopg import sql

from nexus_data.lake import table_path
from nexus_data.postgres.catalog import has_table
from nexus_data.postgres.connect import connection
from nexus_data.sql import query
from nexus_data.tables import CANONICAL
from nexus_data.tables.trading_operations import TRADING_OPERATIONS

Rows = dict[str, dict[str, int]]
"""Rows by table and month; tables without months have the one month ''."""


def lake_rows(home: Path) -> Rows:
    """Of every lake table, from the statistics in its Delta log: no data is read."""
    return {name: _lake_rows(table_path(home, name)) for name in CANONICAL}


def operations_by_month(home: Path) -> dict[str, int]:
    """Operations in the lake by month, from the same statistics."""
    return _lake_rows(table_path(home, TRADING_OPERATIONS.name))


def _lake_rows(root: Path) -> dict[str, int]:
    if not DeltaTable.is_deltatable(str(root)):
        return {}
    actions = DeltaTable(root.as_uri()).get_add_actions(flatten=True)
    rows = actions.column("num_records").to_pylist()
    by_month = "partition.month" in actions.schema.names
    months = actions.column("partition.month").to_pylist() if by_month else [""] * len(rows)
    found: defaultdict[str, int] = defaultdict(int)
    for month, count in zip(months, rows, strict=True):
        found[month] += count
    return dict(found)


def published_rows(database_url: str) -> Rows:
    """Of every table in the schemas public and marts; months are those of the ledger, whose sums the checks prove, less
    those that cleanup took out of Postgres."""
    with connection(database_url) as database:
        found: Rows = defaultdict(dict)
        removed = _removed(database)
        for table, month, records in database.execute(query("ledger/published_by_month")).fetchall():
            if (table, month) not in removed:
                found[table][month] = records
        for schema, name in database.execute(query("ledger/plain_tables")).fetchall():
            count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, name))
            row = database.execute(count).fetchone()
            found[name if schema == "public" else f"{schema}.{name}"] = {"": row[0] if row else 0}
    return dict(found)


def _removed(database: psycopg.Connection[Any]) -> set[tuple[str, str]]:
    """A database that this release has not migrated yet has none."""
    if not has_table(database, "cleanups"):
        return set()
    return {("trading_operations", month) for month, *_ in database.execute(query("ledger/removed_months"))}
