"""How an installation stands: services, generation, alerts, last runs, what is held, quarantine, tables.

Looking changes nothing.
"""

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import psycopg
import redis

from nexus_data.errors import QuestionError, ServiceError
from nexus_data.inventory import published_rows
from nexus_data.postgres.catalog import has_table
from nexus_data.postgres.connect import connection
from nexus_data.results import RunSummary
from nexus_data.services import running
from nexus_data.settings import Settings
from nexus_data.sql import query
from nexus_data.watching import slow

Row = dict[str, Any]

_ALERTS = 100


@dataclass(frozen=True, slots=True)
class Status:
    """postgres and redis: `up`, with the version, or `down: ` and why. runs: the last ten that made a generation.

    tables: name, rows, bytes, partitions. quarantine: source, rule, records; a record may have broken several rules.
    alerts: open ones, as `nexus alerts list` has them. late: sources late against their own rhythm now, whether or
    not anybody has looked (source, last_day, usual_days, longest_days).
    sizes: bytes of database, lake tables and folders at the last maintenance, and a week and a month before that.
    slow_api: requests over 1 s and statements over 0.5 s of the API servers that run on this home (port, kind, name,
    slow, of); slow_statements: what pg_stat_statements has of reading ones over 0.5 s (statement, calls, mean_ms,
    max_ms), empty where that extension is not.
    as_of: the generation as of which runs, held, quarantine and tables (name and rows alone) are told; None: now.
    """

    home: str
    postgres: str
    redis: str
    generation: int
    runs: tuple[Row, ...]
    held: tuple[Row, ...]
    quarantine: tuple[Row, ...]
    tables: tuple[Row, ...]
    alerts: tuple[Row, ...] = ()
    late: tuple[Row, ...] = ()
    sizes: tuple[Row, ...] = ()
    slow_api: tuple[Row, ...] = ()
    slow_statements: tuple[Row, ...] = ()
    as_of: int | None = None


@dataclass(frozen=True, slots=True)
class Rejections:
    """How many records of a source broke a rule (CODE:field)."""

    source: str
    rule: str
    records: int


def status(settings: Settings, *, as_of: int | None = None) -> Status:
    """Ask both services; what is not there yet is empty.

    as_of: a generation, as of which to tell; the services are told as they are now. Raises ServiceError when embedded
    Postgres cannot start, QuestionError for a generation that there has never been.
    """
    with running(settings) as services:
        cache = _redis_state(services.redis_url)
        try:
            with connection(services.postgres_url) as database:
                now = _status(settings, services.postgres_url, database, cache)
                return now if as_of is None else _as_of(now, database, as_of)
        except ServiceError as error:
            return _down(settings, f"down: {error}", cache)


def rejections(settings: Settings, summary: RunSummary) -> tuple[Rejections, ...]:
    """Why records of that run are in quarantine, most first within a source."""
    if not summary.rejected:
        return ()
    with running(settings) as services, connection(services.postgres_url) as database:
        rows = _rows(database, "quarantine/by_rule", generation=summary.generation, as_of=None)
    return tuple(Rejections(**row) for row in rows)


def _status(settings: Settings, url: str, database: psycopg.Connection, cache: str) -> Status:
    version = f"up ({database.info.parameter_status('server_version')})"
    exists = database.execute("SELECT to_regclass('public.generations') IS NOT NULL").fetchone()
    if not exists or not exists[0]:
        return _down(settings, version, cache)
    runs = _rows(database, "status/runs", as_of=None)
    rows = {table: sum(months.values()) for table, months in published_rows(url).items()}
    tables = _rows(database, "status/tables")
    return Status(
        home=str(settings.home),
        postgres=version,
        redis=cache,
        generation=runs[0]["generation"] if runs else 0,
        runs=runs,
        held=_rows(database, "status/held", as_of=None),
        quarantine=_rows(database, "quarantine/by_rule", generation=None, as_of=None),
        tables=tuple({**row, "rows": rows.get(row["name"].removeprefix("public."), 0)} for row in tables),
        alerts=_rows(database, "alerts/newest", open_only=True, limit=_ALERTS) if has_table(database, "alerts") else (),
        late=_rows(database, "alerts/source_late", now=datetime.now(UTC)),
        sizes=_rows(database, "status/sizes") if has_table(database, "sizes") else (),
        slow_api=tuple(asdict(one) for one in slow(settings)),
        slow_statements=_slow_statements(database),
    )


def _slow_statements(database: psycopg.Connection) -> tuple[Row, ...]:
    """Nothing where the extension is missing, not loaded, or not for this user to read."""
    try:
        with database.transaction():
            return _rows(database, "status/slow_statements")
    except psycopg.Error:
        return ()


def _as_of(now: Status, database: psycopg.Connection, generation: int) -> Status:
    if not 0 <= generation <= now.generation:
        raise QuestionError(f"there is no generation {generation}: the newest is {now.generation}, the first is 1")
    return replace(
        now,
        as_of=generation,
        generation=generation,
        runs=_rows(database, "status/runs", as_of=generation),
        held=_rows(database, "status/held", as_of=generation),
        quarantine=_rows(database, "quarantine/by_rule", generation=None, as_of=generation),
        tables=_rows(database, "status/published_as_of", as_of=generation),
    )


def _down(settings: Settings, postgres: str, cache: str) -> Status:
    return Status(str(settings.home), postgres, cache, 0, (), (), (), ())


def _rows(database: psycopg.Connection, name: str, **parameters: Any) -> tuple[Row, ...]:
    cursor = database.execute(query(name), parameters or None)
    columns = [column.name for column in cursor.description or ()]
    return tuple(dict(zip(columns, row, strict=True)) for row in cursor)


def _redis_state(url: str) -> str:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=2.0, socket_timeout=5.0) as cache:
            info: Row = dict(cache.info("server"))
    except (redis.RedisError, OSError, ValueError) as error:
        return f"down: {error}"
    return f"up ({info.get('valkey_version') or info.get('redis_version')})"
