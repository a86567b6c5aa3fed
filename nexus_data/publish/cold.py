"""Months that cleanup took out of Postgres: the lake has them, and what comes in for one brings all of it back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from nexus_data import lake
from nexus_data.deduplicate.operations import TABLE
from nexus_data.publish.operations import Build
from nexus_data.sql import query


def cold_months(database: psycopg.Connection[Any]) -> frozenset[str]:
    """The months that are not in Postgres though the ledger counts them as published."""
    return frozenset(month for month, *_ in database.execute(query("ledger/removed_months")))


def whole_months(home: Path, months: Mapping[str, Sequence[str]], *, cold: Collection[str]) -> dict[str, list[str]]:
    """The files to build each month from: of a cold one all that the lake has, else those that are given."""
    return {
        month: lake.files(home, TABLE.name, months=[month]) if month in cold else list(files)
        for month, files in months.items()
    }


def new_rows(
    database: psycopg.Connection[Any], builds: Iterable[Build], *, cold: frozenset[str], generation: int
) -> list[Build]:
    """The builds; those of cold months with the sums of this generation's rows alone, which the ledger counts."""
    return [one if cold.isdisjoint(one.months) else _new_rows(database, one, generation) for one in builds]


def _new_rows(database: psycopg.Connection[Any], build: Build, generation: int) -> Build:
    statement = sql.SQL(query("publish/build_new_rows")).format(table=sql.Identifier(build.table))
    rows = database.execute(statement, {"generation": generation}).fetchall()
    by_file = {file_id.bytes: (count, int(fp)) for file_id, count, fp in rows}
    (month,) = build.months  # a cold one has a table of its own, because it has no partition yet
    return replace(build, by_file=by_file, months={month: sum(count for count, _ in by_file.values())})


def note_restored(
    database: psycopg.Connection[Any], months: Iterable[str], *, cold: Collection[str], generation: int
) -> None:
    """Have cleanup know, in the caller's transaction, which of its months are back."""
    back = sorted(set(months) & set(cold))
    if back:
        database.execute(query("cleanup/restored"), {"months": back, "generation": generation})
