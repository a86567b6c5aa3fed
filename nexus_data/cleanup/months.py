"""Months of trading_operations leave Postgres; the lake keeps them, and brings them back when they are wanted again."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import polars as pl
import psycopg
from psycopg.rows import dict_row

from nexus_data import lake
from nexus_data.cleanup.kinds import Candidate, Work
from nexus_data.postgres.connect import connection
from nexus_data.postgres.partitions import attached_months, detach_month, drop_detached, month_bounds
from nexus_data.sql import query

_TABLE = "trading_operations"


class OperationMonths:
    """Whole months, by the date of their operations."""

    name = "operations"
    publishes = True

    def find(self, work: Work) -> Iterator[Candidate]:
        """Each month older than its retention, with why it may not go where it may not."""
        age = work.settings.retention.trading_operations
        if age is None:
            return
        before = age.before(work.now.date()).strftime("%Y-%m")
        with connection(work.services.postgres_url) as database:
            for month in _months(database, before):
                yield _candidate(database, work, month, reason=f"operations older than {age}")

    def hide(self, work: Work, items: Sequence[str]) -> None:
        """Detach them: readers that have begun still see them, later ones do not."""
        with connection(work.services.postgres_url) as database:
            for month in items:
                detach_month(database, month)

    def drop(self, work: Work, item: str) -> None:
        """Drop the detached partition."""
        with connection(work.services.postgres_url) as database:
            drop_detached(database, item)

    def begun(self, work: Work, item: str) -> bool:
        """Whether readers miss it already."""
        with connection(work.services.postgres_url) as database:
            return item not in attached_months(database)


def _months(database: psycopg.Connection[Any], before: str) -> list[dict[str, Any]]:
    with database.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query("cleanup/months"), {"before": before}).fetchall()


def _candidate(database: psycopg.Connection[Any], work: Work, month: dict[str, Any], *, reason: str) -> Candidate:
    first, after = month_bounds(month["month"])
    about = {"first": first, "after": after, "month": month["month"]}
    with database.cursor(row_factory=dict_row) as cursor:
        sums = cursor.execute(query("cleanup/month_sums"), about).fetchone() or {}
    refused = _unverified(month) or _differs(month, sums) or _not_in_lake(work, month["month"], sums)
    return Candidate(
        kind=OperationMonths.name,
        item=month["month"],
        records=sums["records"],
        bytes=month["bytes"],
        fp=int(sums["fp"]),
        reason=reason,
        refused=refused or _held(database, first, after),
    )


def _unverified(month: dict[str, Any]) -> str:
    if month["verified_generation"] >= month["last_generation"]:
        return ""
    return f"not verified since generation {month['last_generation']} changed it: `nexus verify` first"


def _differs(month: dict[str, Any], sums: dict[str, Any]) -> str:
    if (sums["records"], sums["fp"]) != (month["ledger_records"], month["ledger_fp"]):
        return f"Postgres holds {sums['records']} records where the ledger counts {month['ledger_records']}"
    if (sums["mart_records"], sums["mart_amount"]) != (sums["records"], sums["amount"]):
        return f"not aggregated: marts.daily_totals counts {sums['mart_records']} of {sums['records']} operations"
    return ""


def _not_in_lake(work: Work, month: str, sums: dict[str, Any]) -> str:
    files = lake.files(work.settings.home, _TABLE, months=[month])
    rows, fp = 0, 0
    if files:
        found = pl.scan_parquet(files, glob=False).select(pl.len(), pl.col("row_fp").cast(pl.Int128).sum()).collect()
        rows, fp = found.row(0)
    return "" if (rows, fp) == (sums["records"], int(sums["fp"])) else f"the lake holds {rows} of {sums['records']}"


def _held(database: psycopg.Connection[Any], first: date, after: date) -> str:
    found = database.execute(query("cleanup/month_held"), {"first": first, "after": after}).fetchall()
    return "; ".join(f"under hold {number}: {reason}" for number, reason in found)
