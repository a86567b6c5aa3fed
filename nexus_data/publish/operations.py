"""Operations into Postgres: each month's new rows are copied beside their parent and compared with the lake; in the
final transaction they become the month's partition, or join it."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import reduce
from pathlib import Path

import polars as pl
import psycopg
from psycopg import sql

from nexus_data.deduplicate.operations import TABLE
from nexus_data.errors import RunError
from nexus_data.postgres.commits import announce
from nexus_data.postgres.connect import connection
from nexus_data.postgres.partitions import attach_build, attached_months, create_build, index_build, partition_name
from nexus_data.progress import Meter
from nexus_data.publish.copy import copy_parquet
from nexus_data.sql import query
from nexus_data.tables.polars_schema import MONEY_SCALE, PRICE_SCALE, schema

Sums = dict[bytes, tuple[int, int]]
"""Rows and sum of row_fp by file."""

_WORKERS = 2
_TEXTS = [field.name for field in TABLE.fields if field.kind.value == "text"]
_SUMS = ("row_fp", "amount", "last_qty", "last_px", "commission")
_PLACES = (0, 0, MONEY_SCALE, MONEY_SCALE, PRICE_SCALE, MONEY_SCALE, 0, 0, 0, 0)
_HALF = 10**18
# Decimal's usual 28 digits would round sums, each in its own order.
_EXACT = Context(prec=100, traps=[Inexact, InvalidOperation])


@dataclass(frozen=True, slots=True)
class Build:
    """A month's new rows in a table beside the parent. fresh: the month has no partition yet, so this becomes it.

    by_file: rows and sum of row_fp of each file, as Postgres holds them.
    """

    month: str
    table: str
    fresh: bool
    rows: int
    by_file: Sums


def build_months(
    url: str, months: dict[str, list[str]], *, run_id: str, whole: bool = False, come: Meter | None = None
) -> list[Build]:
    """Copy each month's Parquet files beside the parent, two months at a time, each in a transaction of its own.

    whole: the files are all that the month has, so that the build will be the partition even if there is one. come:
    is told the rows of each month.
    Raises RunError when what Postgres holds then does not add up to what the files hold.
    """
    with connection(url) as database:
        present = set() if whole else set(attached_months(database))
    with ThreadPoolExecutor(_WORKERS) as workers:
        todo = [
            workers.submit(_build, url, month, files, run_id=run_id, fresh=month not in present, come=come)
            for month, files in months.items()
        ]
        return [one.result() for one in todo]


def _build(url: str, month: str, files: Sequence[str], *, run_id: str, fresh: bool, come: Meter | None = None) -> Build:
    columns = schema(TABLE).names()
    with connection(url) as database:
        announce(database)
        table = create_build(database, month, run_id=run_id)
        with database.cursor() as cursor:
            rows = sum(
                copy_parquet(cursor, Path(file), table=sql.Identifier(table), columns=columns, freeze=fresh)
                for file in files
            )
        by_file = demand_equal(database, table=table, files=files, month=month)
        if fresh:
            index_build(database, table)
        database.commit()
    if come is not None:
        come.advance(done=rows, records=rows)
    return Build(month=month, table=table, fresh=fresh, rows=rows, by_file=by_file)


def adopt(database: psycopg.Connection, builds: Iterable[Build]) -> None:
    """Make the builds part of the published table, in the caller's transaction; attaching, which locks, comes last."""
    announce(database)
    for build in sorted(builds, key=lambda build: build.fresh):
        if build.fresh:
            attach_build(database, build.table, build.month)
        else:
            _join(database, build)


def _join(database: psycopg.Connection, build: Build) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, schema(TABLE).names()))
    partition, table = sql.Identifier(partition_name(TABLE.name, build.month)), sql.Identifier(build.table)
    insert = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(partition, names, names, table)
    inserted = database.execute(insert).rowcount
    if inserted != build.rows:
        raise RunError(f"{build.month}: {inserted} rows joined the partition where {build.rows} were built")
    database.execute(sql.SQL("DROP TABLE {}").format(table))


def demand_equal(database: psycopg.Connection, *, table: str, files: Sequence[str], month: str) -> Sums:
    """Rows and sum of row_fp by file; RunError unless the table adds up to the Parquet files in all of `file_totals`.

    One look at the table serves both: the first one after a COPY is what costs.
    """
    statement = sql.SQL(query("file_totals")).format(table=sql.Identifier(table))
    rows = database.execute(statement).fetchall()
    there = tuple(reduce(_EXACT.add, map(Decimal, column)) for column in zip(*(row[1:] for row in rows), strict=True))
    here = _totals(files)
    if there != here:
        raise RunError(f"{month}: Postgres holds {there} where the lake holds {here} (rows, fingerprint, sums)")
    return {file_id.bytes: (count, int(fp)) for file_id, count, fp, *_ in rows}


def _totals(files: Sequence[str]) -> tuple[Decimal, ...]:
    units = [
        pl.len().cast(pl.Int128),
        *(pl.col(name).to_physical().cast(pl.Int128) for name in _SUMS),
        pl.col("transact_time").dt.timestamp("us").cast(pl.Int128),
        pl.col("date").to_physical().cast(pl.Int128),
        pl.col("record_no").cast(pl.Int128),
        pl.sum_horizontal(pl.col(name).str.len_bytes() for name in _TEXTS).cast(pl.Int128),
    ]
    sums = [half.alias(f"{place} {i}") for place, one in enumerate(units) for i, half in enumerate(_halves(one))]
    parts = [pl.read_parquet(file, glob=False).select(sums).row(0) for file in files]
    totals = [sum(value or 0 for value in column) for column in zip(*parts, strict=True)]
    whole = [Decimal(high * _HALF + low) for high, low in zip(totals[::2], totals[1::2], strict=True)]
    return tuple(value.scaleb(-places, _EXACT) for value, places in zip(whole, _PLACES, strict=True))


def _halves(units: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The sum in two numbers: two decimals of 38 digits can be too much for one of 128 bits."""
    high = units // _HALF
    return high.sum(), (units - high * _HALF).sum()
