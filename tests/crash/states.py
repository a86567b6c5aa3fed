"""What an installation holds, as text to compare byte for byte: every table of Postgres, the lake's rows, the cache.

What two runs over the same input may not share is left out, each with its reason; nothing else is.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
from psycopg import Connection
from psycopg.sql import SQL, Identifier
from redis import Redis

from nexus_data import lake
from nexus_data.ledger import current_generation
from nexus_data.postgres.connect import connection
from nexus_data.tables import CANONICAL

LEFT_OUT = {
    "generations.run_id": "a run's name is drawn at random",
    "generations.committed_at": "the time of the commit",
    "generations.lake": "Delta counts its versions on when a dead run's are rolled back; the rows there are compared",
    "ledger.run_id": "a run's name is drawn at random",
    "files.landed_at": "the time of the landing",
    "marts.data_quality.last_arrival": "the newest landed_at",
}
"""Columns that are not compared, and why."""

_PUBLISHED_AT = re.compile(rb'"published_at" ?: ?"[^"]*"')
_TABLES = """
    SELECT table_schema, table_name, array_agg(column_name::text ORDER BY ordinal_position)
    FROM information_schema.columns
    JOIN pg_class ON pg_class.oid = to_regclass(format('%I.%I', table_schema, table_name))
    WHERE table_schema IN ('public', 'marts') AND relkind IN ('r', 'p') AND NOT relispartition
    GROUP BY table_schema, table_name
    ORDER BY table_schema, table_name
"""


@dataclass(frozen=True, slots=True)
class State:
    """day: of the look. tables: rows as COPY writes them, in order. lake: rows. cache: documents by user."""

    day: date
    generation: int
    tables: dict[str, list[str]]
    lake: dict[str, list[str]]
    cache: dict[str, bytes]

    def differences(self, other: "State") -> list[str]:
        """What is not the same, named; the cache apart."""
        found = [f"generation {self.generation}, not {other.generation}"] * (self.generation != other.generation)
        for what, mine, theirs in (("table", self.tables, other.tables), ("lake", self.lake, other.lake)):
            for name in sorted(mine.keys() | theirs.keys()):
                found += _rows_apart(f"{what} {name}", mine.get(name), theirs.get(name))
        return found

    def cache_differences(self, other: "State") -> list[str]:
        """Users whose documents are not the same, byte for byte."""
        users = sorted(self.cache.keys() | other.cache.keys())
        return [
            f"document of {user} is {self.cache.get(user)!r}, not {other.cache.get(user)!r}"
            for user in users
            if self.cache.get(user) != other.cache.get(user)
        ]


def _rows_apart(name: str, mine: list[str] | None, theirs: list[str] | None) -> list[str]:
    if mine is None or theirs is None:
        return [f"{name} is there in one only"] * (mine != theirs)
    here, there = set(mine), set(theirs)
    more = [f"{name} has {row!r}" for row in mine if row not in there]
    less = [f"{name} has not {row!r}" for row in theirs if row not in here]
    counts = [f"{name} has {len(mine)} rows, not {len(theirs)}"] * (len(mine) != len(theirs))
    return [*counts, *more[:3], *less[:3]]


def state_of(home: Path, *, postgres_url: str, redis_url: str) -> State:
    """What is published now, and what else lies about that a finished run should not leave (as table `leftovers`)."""
    with connection(postgres_url) as database:
        generation = current_generation(database)
        tables = {
            f"{schema}.{table}".removeprefix("public."): _copied(database, schema, table, columns)
            for schema, table, columns in database.execute(_TABLES).fetchall()
        }
    tables["leftovers"] = leftovers(home)
    return State(
        day=datetime.now(UTC).date(),
        generation=generation.generation,
        tables=tables,
        lake={name: _lake_rows(home, name) for name in CANONICAL},
        cache=documents(redis_url, generation=generation.generation),
    )


def leftovers(home: Path) -> list[str]:
    """Files under the home that belong to no finished run: staging, half copies, Parquet files of no version."""
    patterns = ("staging/*", "raw/incoming/*", ".writable-*", "*.part", "*.tmp")
    found = [path for pattern in patterns for path in home.glob(pattern)]
    live = {path for name in CANONICAL for path in lake.files(home, name)}
    stray = [path for path in (home / "lake").glob("*/month=*/*.parquet") if str(path) not in live]
    return sorted(path.relative_to(home).as_posix() for path in [*found, *stray])


def documents(redis_url: str, *, generation: int) -> dict[str, bytes]:
    """The cached dashboards of a generation by user, without the time at which it was published."""
    found: dict[str, bytes] = {}
    with Redis.from_url(redis_url) as cache:
        for key in cache.scan_iter(match=f"nexus:{generation}:dashboard:*"):
            user = key.decode().split(":", 3)[3].rpartition(":")[0]
            document = cache.get(key)
            assert isinstance(document, bytes)
            found[user] = without_time(document)
    return found


def without_time(document: bytes) -> bytes:
    """A dashboard without the one value that says when its generation was published."""
    json.loads(document)
    return _PUBLISHED_AT.sub(b'"published_at":"-"', document)


def _copied(database: Connection, schema: str, table: str, columns: list[str]) -> list[str]:
    name = f"{schema}.{table}".removeprefix("public.")
    kept = [Identifier(column) for column in columns if f"{name}.{column}" not in LEFT_OUT]
    statement = SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(SQL(", ").join(kept), Identifier(schema, table))
    with database.cursor() as cursor, cursor.copy(statement) as rows:
        return sorted(b"".join(bytes(block) for block in rows).decode().splitlines())


def _lake_rows(home: Path, name: str) -> list[str]:
    files = lake.files(home, name)
    return sorted(map(repr, pl.read_parquet(files, glob=False).rows())) if files else []
