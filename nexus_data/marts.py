"""Computes the marts: each SELECT of `sql/marts` run by DuckDB over Parquet files, each result one Arrow IPC file.

Not Parquet, since a result is read once, right away, in the form in which it goes into Postgres.

What a mart is, is declared in `mart_declarations`; where its rows go from here is the publisher's business.
"""

import logging
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa

from nexus_data.errors import MartError, RunError
from nexus_data.mart_declarations import Mart, Refresh, declared, reads, shared
from nexus_data.mart_groups import LAKE, narrow, widen
from nexus_data.small_files import are_small, hold, literal
from nexus_data.sql import ROOT
from nexus_data.tables import CANONICAL, EVIDENCE
from nexus_data.tables.model import Kind, Table
from nexus_data.tables.polars_schema import schema

log = logging.getLogger(__name__)

_TYPES = {
    Kind.TEXT: "VARCHAR",
    Kind.JSON: "VARCHAR",
    Kind.UUID: "BLOB",
    Kind.DATE: "DATE",
    Kind.TIMESTAMP: "TIMESTAMP WITH TIME ZONE",
    Kind.MONEY: "DECIMAL(38, 18)",
    Kind.PRICE: "DECIMAL(38, 20)",
    Kind.INTEGER: "BIGINT",
    Kind.SUM: "DECIMAL(38, 0)",
}
_ROWS = 20_000

_TABLES = (*CANONICAL.values(), EVIDENCE["ledger"], EVIDENCE["files"])
_RESULT_TYPES = ("VARCHAR", "BIGINT", "INTEGER", "BOOLEAN", "DATE", "TIMESTAMP WITH TIME ZONE", "BLOB", "DECIMAL")


@dataclass(frozen=True, slots=True)
class MartFile:
    """One computed mart: `path` is an Arrow IPC file, sorted by `key`, with a row for each distinct key.

    touched: Arrow IPC file of the groups that it was computed for; None: for all.
    """

    name: str
    path: Path
    key: tuple[str, ...]
    refresh: Refresh
    rows: int
    touched: Path | None = None


def compute(
    lake: Mapping[str, Sequence[str]],
    *,
    evidence: Mapping[str, str],
    out: Path,
    memory_limit: str = "600MB",
    months: Sequence[str] | None = None,
    as_of: date | None = None,
    marts: Sequence[Mart] | None = None,
    changed: Sequence[str] = (),
    narrowed: Iterable[str] = (),
) -> tuple[MartFile, ...]:
    """Compute every mart into `out/NAME.arrow`.

    lake: the Parquet files of each canonical table (none: the table is empty). evidence: one Parquet file each of
    `ledger` and `files`; what is not given is empty. months: the months (YYYY-MM) that marts with `refresh: month` are
    computed for, all when None. narrowed: marts that are computed for those of their groups alone that the operations
    of the Parquet files `changed` are in. as_of: the day by which milestones are late, today (UTC) when None. marts:
    `sql/marts` when None. Raises MartError when a mart's file is wrong, RunError when a mart cannot be computed.
    """
    out.mkdir(parents=True, exist_ok=True)
    given = {**lake, **{name: [path] for name, path in evidence.items()}}
    todo = declared() if marts is None else tuple(marts)
    with _engine(out, memory_limit) as engine:
        engine.execute("SET VARIABLE as_of = CAST(? AS DATE)", [as_of or datetime.now(UTC).date()])
        tables = {table.name: _rows(engine, table, given.get(table.name, ())) for table in _TABLES}
        full = _with_views(todo, "full", tables, None)
        _share(engine, full)
        done = [_computed(engine, mart, out, changed if mart.name in narrowed else None) for mart in full]
        by_month = _with_views(todo, "month", tables, months)
        done += [_computed(engine, mart, out, changed if mart.name in narrowed else None) for mart in by_month]
    return tuple(sorted(done, key=lambda mart: mart.name))


@contextmanager
def _engine(out: Path, memory_limit: str) -> Iterator[duckdb.DuckDBPyConnection]:
    with tempfile.TemporaryDirectory(dir=out, prefix=".spill-") as spill:
        config: dict[str, str | bool | int | float | list[str]] = {
            "threads": min(4, os.cpu_count() or 1),
            "memory_limit": memory_limit,
            "temp_directory": spill,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": False,
            # A name that is no table must not find a variable of this program.
            "python_enable_replacements": False,
        }
        with duckdb.connect(config=config) as engine:
            engine.execute("SET TimeZone = 'UTC'")
            for macro in ("units", "divide_to_six_places", "ratio"):
                engine.execute((ROOT / "marts" / "macros" / f"{macro}.sql").read_text(encoding="utf-8"))
            yield engine


def _with_views(
    marts: Sequence[Mart],
    refresh: Refresh,
    tables: Mapping[str, duckdb.DuckDBPyRelation],
    months: Sequence[str] | None,
) -> list[Mart]:
    for table in _TABLES:
        rows = tables[table.name]
        chosen = rows if months is None or table.partition_by is None else _of_months(rows, table.partition_by, months)
        chosen.create_view(table.name, replace=True)
        if table.partition_by is not None:
            chosen.create_view(LAKE, replace=True)
    return [mart for mart in marts if mart.refresh == refresh]


def _share(engine: duckdb.DuckDBPyConnection, marts: Sequence[Mart]) -> None:
    """Compute what several of these marts read, once."""
    read = frozenset[str]().union(*map(reads, marts))
    for name, statement in shared().items():
        if name in read:
            engine.execute(f'CREATE TEMP TABLE "{name}" AS {statement}')


def _rows(engine: duckdb.DuckDBPyConnection, table: Table, paths: Sequence[str]) -> duckdb.DuckDBPyRelation:
    if not paths:
        nothing = ", ".join(f'CAST(NULL AS {_TYPES[field.kind]}) AS "{field.name}"' for field in table.fields)
        return engine.sql(f"SELECT {nothing} WHERE false")
    try:
        if are_small(paths):
            return hold(engine, f"small_{table.name}", paths, columns=schema(table))
        found = engine.read_parquet([literal(path) for path in paths], union_by_name=True, hive_partitioning=False)
        return found.select(*(duckdb.ColumnExpression(field.name) for field in table.fields))
    except (duckdb.Error, pl.exceptions.PolarsError, OSError) as error:
        raise RunError(f"the Parquet files of {table.name} cannot be read: {error}") from error


def _of_months(rows: duckdb.DuckDBPyRelation, column: str, months: Sequence[str]) -> duckdb.DuckDBPyRelation:
    days = [date.fromisoformat(f"{month}-01") for month in months]
    spans = (f"\"{column}\" BETWEEN DATE '{day}' AND last_day(DATE '{day}')" for day in days)
    return rows.filter(" OR ".join(spans) or "false")


def _computed(engine: duckdb.DuckDBPyConnection, mart: Mart, out: Path, changed: Sequence[str] | None) -> MartFile:
    if changed is None:
        return _compute(engine, mart, out)
    keys = out / f"{mart.name}.touched.arrow"
    narrow(engine, mart, changed, keys=keys)
    done = replace(_compute(engine, mart, out), touched=keys)
    widen(engine)
    return done


def _compute(engine: duckdb.DuckDBPyConnection, mart: Mart, out: Path) -> MartFile:
    path = out / f"{mart.name}.arrow"
    try:
        result = engine.sql(mart.sql)
        _check_columns(mart, dict(zip(result.columns, map(str, result.types), strict=True)))
        rows = _write(result.order(_listed(mart.key)).to_arrow_reader(_ROWS), mart, path)
    except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException) as error:
        raise MartError(f"{mart.path}: {error}") from error
    except duckdb.Error as error:
        raise RunError(f"the mart {mart.name} ({mart.path}) could not be computed: {error}") from error
    log.info("mart %s: %d rows", mart.name, rows)
    return MartFile(name=mart.name, path=path, key=mart.key, refresh=mart.refresh, rows=rows)


def _check_columns(mart: Mart, types: Mapping[str, str]) -> None:
    documented = [name for name, _ in mart.columns]
    if list(types) != documented:
        raise MartError(f"{mart.path}: its header documents {', '.join(documented)}, but it selects {', '.join(types)}")
    for name, kind in types.items():
        if not kind.startswith(_RESULT_TYPES):
            raise MartError(f"{mart.path}: column {name} is {kind}; cast it to one of {', '.join(_RESULT_TYPES)}")


def _write(rows: pa.RecordBatchReader, mart: Mart, path: Path) -> int:
    """Write rows that come in the order of the mart's key, so that equal keys stand beside each other. Rows written."""
    written = repeated = without = 0
    last: pl.DataFrame | None = None
    with pa.OSFile(str(path), "wb") as out, pa.ipc.new_file(out, rows.schema) as file:
        for batch in rows:
            key = pl.DataFrame(batch.select(mart.key))
            written += key.height
            without += key.height - key.drop_nulls().height
            repeated += _repeated(key if last is None else pl.concat([last, key]))
            last = key.tail(1)
            file.write_batch(batch)
    if without or repeated:
        counts = f"{written} rows, {written - repeated} distinct keys ({_listed(mart.key)}), {without} keys with a null"
        raise MartError(f"{mart.path}: {counts}")
    return written


def _repeated(key: pl.DataFrame) -> int:
    """How many of sorted rows have the key of the one before."""
    return int(key.select(pl.all_horizontal(pl.all() == pl.all().shift(1)).sum()).item())


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
