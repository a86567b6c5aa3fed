"""Operations into Postgres: each month's new rows are copied beside their parent and compared with the lake; in the
final transaction they become the month's partition, or join it."""

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import reduce

import polars as pl
import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from nexus_data.deduplicate.operations import TABLE
from nexus_data.errors import RunError
from nexus_data.maintenance.statistics import analyze_build
from nexus_data.postgres.commits import announce
from nexus_data.postgres.connect import connection
from nexus_data.postgres.partitions import attach_build, attached_months, create_build, index_build, partition_name
from nexus_data.progress import Meter
from nexus_data.publish.building import building
from nexus_data.publish.copy import copy_frame
from nexus_data.sql import query
from nexus_data.tables.polars_schema import MONEY_SCALE, PRICE_SCALE, schema

Sums = dict[bytes, tuple[int, int]]
"""Rows and sum of row_fp by file."""

_TEXTS = [field.name for field in TABLE.fields if field.kind.value == "text"]
_PLACES = {
    "amount": MONEY_SCALE,
    "last_qty": MONEY_SCALE,
    "last_px": PRICE_SCALE,
    "commission": MONEY_SCALE,
    "transact_time": 6,
}
_SUMMED = ("row_fp", "amount", "last_qty", "last_px", "commission", "transact_time", "date", "record_no", *_TEXTS)
"""In the order of `file_totals`; of texts the octets are added up."""

_TRANSACTIONS = 12
_HALF = 10**18
_MOST = 2**127
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
    url: str,
    months: dict[str, list[str]],
    *,
    run_id: str,
    workers: Executor,
    whole: bool = False,
    come: Meter | None = None,
) -> list[Build]:
    """Copy each month's Parquet files beside the parent, in transactions of their own.

    Many months share transactions: a statement that spans years has many, of a few rows each.
    whole: the files are all that the month has, so that the build will be the partition even if there is one. come:
    is told the rows of each month.
    Raises RunError when what Postgres holds then does not add up to what the files hold.
    """
    with connection(url) as database:
        present = set() if whole else set(attached_months(database))

    def build(some: Sequence[str]) -> list[Build]:
        with building(url) as database:
            done = [_build(database, one, months[one], run_id=run_id, fresh=one not in present) for one in some]
        if come is not None:
            rows = sum(one.rows for one in done)
            come.advance(done=rows, records=rows)
        return done

    names, size = list(months), max(1, len(months) // _TRANSACTIONS)
    todo = [workers.submit(build, names[start : start + size]) for start in range(0, len(names), size)]
    return [build for one in todo for build in one.result()]


def _build(
    database: psycopg.Connection[TupleRow], month: str, files: Sequence[str], *, run_id: str, fresh: bool
) -> Build:
    columns = schema(TABLE).names()
    table = create_build(database, month, run_id=run_id)
    rows, sums = 0, [0] * len(_SUMMED)
    for file in files:
        frame = pl.read_parquet(file, columns=columns, glob=False)
        with database.cursor() as cursor:
            rows += copy_frame(cursor, frame, table=sql.Identifier(table), freeze=fresh)
        sums = [one + other for one, other in zip(sums, _sums(frame), strict=True)]
    by_file = _demand_equal(database, table=table, rows=rows, sums=sums, month=month)
    if fresh:
        index_build(database, table)
        analyze_build(database, table)
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


def _demand_equal(database: psycopg.Connection, *, table: str, rows: int, sums: Sequence[int], month: str) -> Sums:
    """Rows and sum of row_fp by file; RunError unless the table adds up to the lake's rows in all of `file_totals`.

    One look at the table serves both: the first one after a COPY is what costs.
    """
    found = database.execute(sql.SQL(query("publish/file_totals")).format(table=sql.Identifier(table))).fetchall()
    there = [reduce(_EXACT.add, map(Decimal, column)) for column in zip(*(row[1:] for row in found), strict=True)]
    units = zip(_SUMMED, sums, strict=True)
    here = [Decimal(rows), *(Decimal(value).scaleb(-_PLACES.get(name, 0), _EXACT) for name, value in units)]
    if there != here:
        names = ("rows", *_SUMMED)
        differ = [f"{n}: {a} where the lake has {b}" for n, a, b in zip(names, there, here, strict=True) if a != b]
        raise RunError(f"{month}: Postgres does not hold what the lake holds; {'; '.join(differ)}")
    return {file_id.bytes: (count, int(fp)) for file_id, count, fp, *_ in found}


def _sums(frame: pl.DataFrame) -> list[int]:
    """What the columns of `file_totals` add up to, each in units of its smallest place."""
    octets = frame.select(pl.col(_TEXTS).str.len_bytes().cast(pl.Int64).sum()).row(0, named=True)
    return [octets[name] if name in octets else _sum(frame[name].to_physical()) for name in _SUMMED]


def _sum(units: pl.Series) -> int:
    """Exact: two decimals of 38 digits can be too much for one number of 128 bits, and are then added up in halves."""
    wide = units.cast(pl.Int128).to_frame()
    if int(wide.select(pl.first().abs().max()).item() or 0) * wide.height < _MOST:
        return int(wide.sum().item())
    high = pl.first() // _HALF
    halves = wide.select(high.sum().alias("high"), (pl.first() - high * _HALF).sum().alias("low"))
    return int(halves["high"].item()) * _HALF + int(halves["low"].item())
