"""Months that cleanup took out of Postgres. Their rows are in the lake, where they are compared with the raw files; for
what Postgres adds up over all months (marts, answers) they are laid beside its own, for this session alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import psycopg
from psycopg import sql

from nexus_data.sql import query
from nexus_data.tables.model import Kind
from nexus_data.tables.trading_operations import TRADING_OPERATIONS
from nexus_data.verify.engine import literal
from nexus_data.verify.report import Findings
from nexus_data.verify.stores import lake_files

_BESIDE = "removed_operations"
_COLUMNS = sql.SQL(", ").join(sql.Identifier(field.name) for field in TRADING_OPERATIONS.fields)


def prepare(database: psycopg.Connection[Any]) -> None:
    """Where months are removed, have `trading_operations` mean published and removed rows, before the snapshot.

    Every statement that means the table itself must say `public.trading_operations`.
    """
    if not _months(database):
        database.rollback()
        return
    names = {
        "beside": sql.Identifier(_BESIDE),
        "columns": _COLUMNS,
        "table": sql.Identifier("public", TRADING_OPERATIONS.name),
        "view": sql.Identifier(TRADING_OPERATIONS.name),
    }
    database.execute(sql.SQL("CREATE TEMP TABLE {beside} (LIKE {table})").format(**names))
    both = "CREATE TEMP VIEW {view} AS SELECT {columns} FROM {table} UNION ALL SELECT {columns} FROM {beside}"
    database.execute(sql.SQL(both).format(**names))
    database.commit()


def lay_beside(
    database: psycopg.Connection[Any], *, home: Path, version: int | None, folder: Path, findings: Findings
) -> tuple[str, ...]:
    """Put the removed months' rows of the lake in their place; the months. Says what was not checked."""
    months = _months(database)
    if not months or version is None:
        return ()
    path = folder / "removed.csv"
    _write(_files(home, version, months), path)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, NULL '\\N')").format(sql.Identifier(_BESIDE), _COLUMNS)
    with path.open("rb") as source, database.cursor() as cursor, cursor.copy(statement) as rows:
        while block := source.read(1 << 20):
            rows.write(block)
    path.unlink()
    findings.unchecked.append(
        f"operations of {_told(months)} in Postgres: cleanup removed them; they were compared in the lake, and are in "
        "what the marts were compared with"
    )
    return months


def is_unfinished(database: psycopg.Connection[Any], months: Sequence[str]) -> bool:
    """Whether a cleanup was interrupted after it took months out, so that no generation tells of it yet."""
    if not months:
        return False
    begun = {one[2] for one in database.execute(query("cleanup/unfinished")).fetchall() if one[1] == "operations"}
    return bool(begun & set(months))


def _months(database: psycopg.Connection[Any]) -> tuple[str, ...]:
    if database.execute("SELECT to_regclass('public.cleanups') IS NULL").fetchone() == (True,):
        return ()  # of an earlier release
    return tuple(month for month, *_ in database.execute(query("ledger/removed_months")))


def _files(home: Path, version: int, months: Sequence[str]) -> list[Path]:
    wanted = {f"month={month}" for month in months}
    return [path for path in lake_files(home, TRADING_OPERATIONS.name, version) if path.parent.name in wanted]


def _write(files: Sequence[Path], path: Path) -> None:
    if not files:
        path.touch()
        return
    listed = ", ".join(literal(file) for file in files)
    columns = [
        f"lower(hex({field.name})) AS {field.name}" if field.kind is Kind.UUID else field.name
        for field in TRADING_OPERATIONS.fields
    ]
    texts = [field.name for field in TRADING_OPERATIONS.fields if field.kind is Kind.TEXT]
    with duckdb.connect(config={"threads": 1, "memory_limit": "300MB"}) as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.execute(
            f"COPY (SELECT {', '.join(columns)} FROM read_parquet([{listed}], hive_partitioning=false)) "  # noqa: S608
            f"TO {literal(path)} (FORMAT csv, HEADER false, NULLSTR '\\N', FORCE_QUOTE ({', '.join(texts)}))"
        )


def _told(months: Sequence[str]) -> str:
    return months[0] if len(months) == 1 else f"{len(months)} months, {months[0]} to {months[-1]}"
