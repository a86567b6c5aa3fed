"""A database with as many operations as wished, five years of them, made where it stands, in one generation.

Rows are invented by `sql/queries/bench/`, months are built as a publisher builds them, and the marts are what
Postgres itself adds up. What is asked of it is elsewhere.
"""

import calendar
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from nexus_data.marts import compute
from nexus_data.postgres.connect import connection
from nexus_data.postgres.migrate import migrate
from nexus_data.postgres.partitions import attach_build, create_build, index_build
from nexus_data.publish.marts import Computed, load_mart
from nexus_data.sql import query

_FIRST_YEAR = 2021
_SMALL = {
    "users": "bench/users",
    "projects": "bench/projects",
    "project_milestones": "bench/milestones",
    "frenly_ai_tasks": "bench/tasks",
}
_MARTS = ("daily_totals", "positions", "milestones", "project_dashboard")
_JUDGED_ON = date(2025, 6, 30)
_BUILDERS = 2


def months(count: int) -> list[str]:
    """The first `count` months (YYYY-MM) of the data."""
    return [f"{_FIRST_YEAR + number // 12}-{number % 12 + 1:02d}" for number in range(count)]


def fill(url: str, *, rows: int, users: int, month_count: int, folder: Path) -> None:
    """Migrate an empty database and fill it: `rows` operations evenly over the months, and what goes with them."""
    migrate(url)
    _empty_marts(url, folder)
    with connection(url) as database:
        for table, statement in _SMALL.items():
            _insert(database, Identifier(table), statement, {"users": users})
    starts = [number * rows // month_count for number in range(month_count + 1)]
    with ThreadPoolExecutor(_BUILDERS) as builders:
        build = partial(_month, url, users=users)
        list(builders.map(build, months(month_count), starts[:-1], starts[1:]))
    _fill_marts(url)
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("VACUUM (ANALYZE)")


def _month(url: str, month: str, start: int, end: int, *, users: int) -> None:
    first = date.fromisoformat(f"{month}-01")
    days = calendar.monthrange(first.year, first.month)[1]
    values = {"first_day": first, "days": days, "start": start, "stop": end - 1, "users": users}
    with connection(url) as database:
        build = create_build(database, month, run_id="bench")
        _insert(database, Identifier(build), "bench/operations", values)
        index_build(database, build)
    with connection(url) as database:
        attach_build(database, build, month)


def _insert(database: psycopg.Connection[Any], table: Identifier, statement: str, values: Mapping[str, Any]) -> None:
    none = database.execute(SQL("SELECT * FROM ({}) AS made LIMIT 0").format(SQL(query(statement))), values)
    columns = SQL(", ").join(Identifier(column.name) for column in none.description or ())
    made = SQL("INSERT INTO {} ({}) {}").format(table, columns, SQL(query(statement)))
    database.execute(made, values)


def _empty_marts(url: str, folder: Path) -> None:
    with connection(url) as database:
        for one in compute({}, evidence={}, out=folder / "marts", as_of=_JUDGED_ON):
            load_mart(database, Computed(one.name, str(one.path), one.key, one.refresh, one.rows, None))


def _fill_marts(url: str) -> None:
    with connection(url) as database:
        database.execute("SET LOCAL work_mem = '256MB'")
        for mart in _MARTS:
            table = Identifier("marts", mart)
            if mart in ("milestones", "project_dashboard"):
                # The statement judges lateness on the day that the mart names.
                database.execute(SQL("INSERT INTO {} (as_of) VALUES (%s)").format(table), (_JUDGED_ON,))
            _insert(database, table, f"verify/marts/{mart}", {})
            if mart in ("milestones", "project_dashboard"):
                database.execute(SQL("DELETE FROM {} WHERE user_id IS NULL").format(table))
        database.execute(
            query("publish/insert_generation"),
            {"generation": 1, "run_id": "bench", "lake": Jsonb({})},
        )
