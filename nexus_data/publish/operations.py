"""Operations into Postgres: each month's new rows are copied beside their parent and compared with the lake; in the
final transaction they become the month's partition, or join it."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import reduce
from pathlib import Path

import polars as pl
import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from nexus_data.deduplicate.operations import TABLE
from nexus_data.errors import RunError
from nexus_data.maintenance.statistics import analyze_build
from nexus_data.postgres.commits import announce
from nexus_data.postgres.connect import connection
from nexus_data.postgres.partitions import attach_builds, attached_months, create_build, index_build, partition_name
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

_NUMBERS = [name for name in _SUMMED if name not in _TEXTS]

_TRANSACTIONS = 12
_FEW_BYTES = 2 * 1024**2
_HALF = 10**18
_MOST = 2**127
# Decimal's usual 28 digits would round sums, each in its own order.
_EXACT = Context(prec=100, traps=[Inexact, InvalidOperation])


@dataclass(frozen=True, slots=True)
class Build:
    """New rows in a table beside the parent. months: how many of each, of one month unless they are few.

    fresh: the month has no partition yet, so this becomes it. by_file: rows and sum of row_fp of each file, as Postgres
    holds them.
    """

    months: Mapping[str, int]
    table: str
    fresh: bool
    by_file: Sums

    @property
    def rows(self) -> int:
        """All that are new."""
        return sum(self.months.values())


def build_months(
    url: str,
    months: Mapping[str, Sequence[str]],
    *,
    run_id: str,
    workers: Executor,
    whole: bool = False,
    come: Meter | None = None,
) -> list[Build]:
    """Copy the months' Parquet files beside the parent, in transactions of their own.

    Many months share transactions, and few rows of months that there are share a table, which costs as much as some
    thousand rows: a statement that spans years has many months, of a few rows each.
    whole: the files are all that the month has, so that the build will be the partition even if there is one. come:
    is told the rows of each month.
    Raises RunError when what Postgres holds then does not add up to what the files hold.
    """
    with connection(url) as database:
        present = set() if whole else set(attached_months(database))

    def build(some: Sequence[Sequence[str]]) -> list[Build]:
        with building(url) as database:
            done = [_build(database, _files(months, one), run_id=run_id, fresh=one[0] not in present) for one in some]
        if come is not None:
            rows = sum(one.rows for one in done)
            come.advance(done=rows, records=rows)
        return done

    tables = _tables(months, present)
    size = max(1, len(tables) // _TRANSACTIONS)
    todo = [workers.submit(build, tables[start : start + size]) for start in range(0, len(tables), size)]
    return [build for one in todo for build in one.result()]


def _tables(months: Mapping[str, Sequence[str]], present: Collection[str]) -> list[list[str]]:
    """The months that share a table: those that there are, where all of them bring little; else each has its own."""
    joining = [month for month in sorted(months) if month in present]
    if sum(Path(file).stat().st_size for month in joining for file in months[month]) > _FEW_BYTES:
        return [[month] for month in months]
    return [*([joining] if joining else []), *([month] for month in months if month not in present)]


def _files(months: Mapping[str, Sequence[str]], some: Sequence[str]) -> dict[str, Sequence[str]]:
    return {month: months[month] for month in some}


def _build(
    database: psycopg.Connection[TupleRow], months: Mapping[str, Sequence[str]], *, run_id: str, fresh: bool
) -> Build:
    first, last = min(months), max(months)
    table = create_build(database, first, run_id=run_id, until=last)
    rows, sums = Counter[str](), [0] * len(_SUMMED)
    for found, frame in _frames(months):
        with database.cursor() as cursor:
            copied = copy_frame(cursor, frame, table=sql.Identifier(table), freeze=fresh)
        if copied != found.total():
            raise RunError(f"{first}: {copied} rows were copied to Postgres where the lake has {found.total()}")
        rows += found
        sums = [one + other for one, other in zip(sums, _sums(frame), strict=True)]
    by_file = _demand_equal(
        database, table=table, rows=rows.total(), sums=sums, months=first if first == last else f"{first} to {last}"
    )
    if fresh:
        index_build(database, table)
        analyze_build(database, sql.Identifier(table))
    return Build(months=rows, table=table, fresh=fresh, by_file=by_file)


def _frames(months: Mapping[str, Sequence[str]]) -> Iterator[tuple[Counter[str], pl.DataFrame]]:
    """The rows, with how many are of each month: of several months all of them, of one month file by file."""
    columns = schema(TABLE).names()
    if len(months) > 1:
        read = {month: pl.read_parquet(list(files), columns=columns, glob=False) for month, files in months.items()}
        yield Counter({month: frame.height for month, frame in read.items()}), pl.concat(read.values(), rechunk=True)
        return
    for month, files in months.items():
        for file in files:
            frame = pl.read_parquet(file, columns=columns, glob=False)
            yield Counter({month: frame.height}), frame


def adopt(database: psycopg.Connection, builds: Sequence[Build]) -> None:
    """Make the builds part of the published table, in the caller's transaction."""
    join(database, builds)
    attach(database, builds)


def join(database: psycopg.Connection, builds: Iterable[Build]) -> None:
    """Insert the builds of months that are there into their partitions; nobody waits for that."""
    announce(database)
    for build in builds:
        if not build.fresh:
            _join(database, build)


def attach(database: psycopg.Connection, builds: Iterable[Build]) -> None:
    """Make the other builds the partitions of their months: readers of the parent wait from here to the commit."""
    fresh: dict[str, str] = {}
    for build in builds:
        if build.fresh:
            fresh |= dict.fromkeys(build.months, build.table)
    attach_builds(database, fresh)


def _join(database: psycopg.Connection, build: Build) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, schema(TABLE).names()))
    # The rows of one month need no way through the parent.
    target = partition_name(TABLE.name, *build.months) if len(build.months) == 1 else TABLE.name
    partition, table = sql.Identifier(target), sql.Identifier(build.table)
    insert = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(partition, names, names, table)
    inserted = database.execute(insert).rowcount
    if inserted != build.rows:
        raise RunError(f"{target}: {inserted} rows joined it where {build.rows} were built")
    database.execute(sql.SQL("DROP TABLE {}").format(table))


def _demand_equal(database: psycopg.Connection, *, table: str, rows: int, sums: Sequence[int], months: str) -> Sums:
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
        raise RunError(f"{months}: Postgres does not hold what the lake holds; {'; '.join(differ)}")
    return {file_id.bytes: (count, int(fp)) for file_id, count, fp, *_ in found}


def _sums(frame: pl.DataFrame) -> list[int]:
    """What the columns of `file_totals` add up to, each in units of its smallest place."""
    octets = pl.col(_TEXTS).str.len_bytes().cast(pl.Int64).sum()
    units = pl.col(_NUMBERS).to_physical().cast(pl.Int128)
    # Of a month of a few rows, asking is what costs: all columns at once.
    found = frame.select(octets, units.sum(), units.abs().max().name.suffix(" at most")).row(0, named=True)
    wide = [name for name in _NUMBERS if int(found[f"{name} at most"] or 0) * frame.height >= _MOST]
    return [_sum_of_wide(frame[name]) if name in wide else int(found[name]) for name in _SUMMED]


def _sum_of_wide(column: pl.Series) -> int:
    """Exact: two decimals of 38 digits can be too much for one number of 128 bits, and are then added up in halves."""
    wide = column.to_physical().cast(pl.Int128).to_frame()
    high = pl.first() // _HALF
    halves = wide.select(high.sum().alias("high"), (pl.first() - high * _HALF).sum().alias("low"))
    return int(halves["high"].item()) * _HALF + int(halves["low"].item())
