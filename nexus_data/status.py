"""How an installation stands: services, generation, last runs, what is held, quarantine, tables. It changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
import redis
from psycopg import sql

from nexus_data.errors import ServiceError
from nexus_data.postgres.connect import connection
from nexus_data.services import Services, running
from nexus_data.settings import Settings
from nexus_data.sql import query

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Status:
    """postgres and redis: `up`, with the version, or `down: ` and why. runs: the last ten that made a generation.

    tables: name, rows, bytes, partitions. quarantine: source, rule, records; a record may have broken several rules.
    """

    home: str
    postgres: str
    redis: str
    generation: int
    published: dict[str, int]
    runs: tuple[Row, ...]
    held: tuple[Row, ...]
    quarantine: tuple[Row, ...]
    tables: tuple[Row, ...]


def status(settings: Settings) -> Status:
    """Ask both services; what is not there yet is empty. Raises ServiceError when embedded Postgres cannot start."""
    with running(settings) as services:
        cache = _redis_state(services.redis_url)
        try:
            with connection(services.postgres_url) as database:
                return _status(settings, database, cache)
        except ServiceError as error:
            return _down(settings, f"down: {error}", cache)


def published_months(services: Services) -> dict[str, dict[str, int]]:
    """Rows that are published now, by table and month (the month is empty for tables without), from the ledger."""
    with connection(services.postgres_url) as database:
        return _published(database)


def _published(database: psycopg.Connection) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for table, month, records in database.execute(query("published_by_month")):
        found.setdefault(table, {})[month] = records
    return found


def _status(settings: Settings, database: psycopg.Connection, cache: str) -> Status:
    version = f"up ({database.info.parameter_status('server_version')})"
    exists = database.execute("SELECT to_regclass('public.generations') IS NOT NULL").fetchone()
    if not exists or not exists[0]:
        return _down(settings, version, cache)
    runs = _rows(database, "status_runs", {})
    published = {table: sum(months.values()) for table, months in _published(database).items()}
    return Status(
        home=str(settings.home),
        postgres=version,
        redis=cache,
        generation=runs[0]["generation"] if runs else 0,
        published=published,
        runs=runs,
        held=_rows(database, "status_held", {}),
        quarantine=_rows(database, "quarantine_by_rule", {"generation": None}),
        tables=tuple(_with_rows(database, row, published) for row in _rows(database, "status_tables", {})),
    )


def _down(settings: Settings, postgres: str, cache: str) -> Status:
    return Status(str(settings.home), postgres, cache, 0, {}, (), (), (), ())


def _with_rows(database: psycopg.Connection, row: Row, published: Mapping[str, int]) -> Row:
    schema, name = row["name"].split(".")
    if row.pop("partitioned"):
        return {**row, "rows": published.get(name, 0)}
    counted = database.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, name))).fetchone()
    return {**row, "rows": counted[0] if counted else 0}


def _rows(database: psycopg.Connection, name: str, parameters: Mapping[str, Any]) -> tuple[Row, ...]:
    cursor = database.execute(query(name), parameters)
    columns = [column.name for column in cursor.description or ()]
    return tuple(dict(zip(columns, row, strict=True)) for row in cursor)


def _redis_state(url: str) -> str:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=2.0, socket_timeout=5.0) as cache:
            info: Row = dict(cache.info("server"))
    except (redis.RedisError, OSError, ValueError) as error:
        return f"down: {error}"
    return f"up ({info.get('valkey_version') or info.get('redis_version')})"
