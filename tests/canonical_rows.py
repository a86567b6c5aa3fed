"""Rows of the canonical tables for tests: what a test does not give gets a plain value, or null where that may be."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl

from nexus_data.tables import ACCESS, CANONICAL, EVIDENCE, HISTORY
from nexus_data.tables.model import Kind, Table
from nexus_data.tables.polars_schema import schema

TABLES = {**CANONICAL, **EVIDENCE, **HISTORY, **ACCESS}

_numbers = count(1)


def row(table: str, **given: Any) -> dict[str, Any]:
    """A whole row of a table: what is required and not given gets a value of its kind, the first of a closed list."""
    declared = TABLES[table]
    unknown = set(given) - {field.name for field in declared.fields}
    assert not unknown, f"{table} has no column {unknown}"
    number = next(_numbers)
    plain = {
        Kind.TEXT: f"{table}-{number}",
        Kind.JSON: "{}",
        Kind.UUID: UUID(int=number).bytes,
        Kind.DATE: date(2024, 1, 1),
        Kind.TIMESTAMP: datetime(2024, 1, 1, tzinfo=UTC),
        Kind.INTEGER: 0,
        Kind.SUM: 0,
        Kind.MONEY: 0,
        Kind.PRICE: 0,
    }
    filled = {f.name: (f.values[0] if f.values else plain[f.kind]) if f.required else None for f in declared.fields}
    return {**filled, **given}


def frame(table: str, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """The rows with the declared column types."""
    return pl.DataFrame(list(rows), schema=schema(TABLES[table]), orient="row")


def write(folder: Path, table: str, rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as a Parquet file of their own in the folder; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{table}-{next(_numbers)}.parquet"
    frame(table, rows).write_parquet(path)
    return str(path)


def lake(folder: Path, **tables: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """A Parquet file for each table that has rows, as `marts.compute` takes them."""
    return {name: [write(folder, name, rows)] for name, rows in tables.items()}


def declared(table: str) -> Table:
    """The table's declaration."""
    return TABLES[table]
