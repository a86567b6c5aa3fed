"""A published generation in a real database, and readers of it."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from psycopg import Connection
from psycopg.types.json import Jsonb

from nexus_data.api.app import create_app
from nexus_data.marts import compute
from nexus_data.postgres.connect import connection
from nexus_data.postgres.metadata import table
from nexus_data.postgres.partitions import attach_build, attached_months, create_build, index_build
from nexus_data.publish.marts import Computed, load_mart
from nexus_data.settings import Settings
from nexus_data.tables import CANONICAL
from nexus_data.tables.model import Kind
from nexus_data.tokens import issue
from tests.canonical_rows import TABLES, lake, row

AS_OF = date(2024, 6, 15)
PUBLISHED_AT = datetime(2024, 6, 15, 12, tzinfo=UTC)

# As the pipeline notes them, of operations: the users of whom any came or went.
_CHANGED = """
INSERT INTO changes (generation, user_id, table_name, published, superseded)
SELECT DISTINCT %(generation)s::bigint, user_id, 'trading_operations', 1, 0
FROM ((TABLE trading_operations EXCEPT TABLE before) UNION ALL (TABLE before EXCEPT TABLE trading_operations)) AS one
"""

Publish = Callable[..., None]
Token = Callable[..., dict[str, str]]


@pytest.fixture
def publish(database_url: str, tmp_path: Path) -> Publish:
    """`publish(2, users=[...], projects=[...])`: these rows and no others, as generation 2, in one commit."""

    def published(generation: int, **tables: list[dict[str, Any]]) -> None:
        done = compute(lake(tmp_path / "lake", **tables), evidence={}, out=tmp_path / str(generation), as_of=AS_OF)
        made = row("generations", generation=generation, run_id=f"run-{generation}", committed_at=PUBLISHED_AT)
        with connection(database_url) as database:
            _make_partitions(database, tables.get("trading_operations", []))
            database.execute("CREATE TEMPORARY TABLE before ON COMMIT DROP AS TABLE trading_operations")
            for name in CANONICAL:
                database.execute(str(table(name).delete()))
                insert(database, name, tables.get(name, []))
            for one in done:
                load_mart(database, Computed(one.name, str(one.path), one.key, one.refresh, one.rows, None))
            insert(database, "generations", [made])
            database.execute(_CHANGED, {"generation": generation})

    return published


def _make_partitions(database: Connection[Any], operations: list[dict[str, Any]]) -> None:
    for month in sorted({f"{one['date']:%Y-%m}" for one in operations} - set(attached_months(database))):
        build = create_build(database, month, run_id="test")
        index_build(database, build)
        attach_build(database, build, month)


def insert(database: Connection[Any], name: str, rows: list[dict[str, Any]]) -> None:
    columns = [field.name for field in TABLES[name].fields]
    statement = f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"  # noqa: S608
    with database.cursor() as cursor:
        cursor.executemany(statement, [[_plain(name, column, one[column]) for column in columns] for one in rows])


def _plain(name: str, column: str, value: Any) -> Any:
    kind = TABLES[name].field(column).kind
    if value is not None and kind is Kind.UUID:
        return UUID(bytes=value)
    return Jsonb({}) if value is not None and kind is Kind.JSON else value


@pytest.fixture
def app(settings: Settings) -> Litestar:
    """The application, as a server starts it."""
    return create_app(settings)


@pytest.fixture
def client(app: Litestar) -> Iterator[TestClient[Litestar]]:
    """A client of the running application."""
    with TestClient(app) as opened:
        yield opened


@pytest.fixture
def token(settings: Settings) -> Token:
    """`token("ada", role="auditor")`: the headers that make a request Ada's, in that role."""

    def headers(user_id: str, lifetime: timedelta = timedelta(hours=2), *, role: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {issue(settings, user_id, lifetime=lifetime, role=role)}"}

    return headers
