"""A database full of an older release's rows is brought up to date while it is read: nobody fails, nothing is lost."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic import command

from nexus_data.postgres.connect import connection, engine
from nexus_data.postgres.migrate import config, migrate
from tests.conftest import FreshDatabase

_SUM = "SELECT count(*), sum(amount), sum(row_fp) FROM trading_operations"


@pytest.fixture
def first_release(fresh_database: FreshDatabase) -> Iterator[str]:
    """A database of the first revision, with sixty thousand operations of three months."""
    with fresh_database("template0") as url:
        old = engine(url)
        with old.begin() as opened:
            settings = config()
            settings.attributes["connection"] = opened
            command.upgrade(settings, "0001")
        old.dispose()
        with connection(url) as database:
            database.execute(Path(__file__).with_name("first_release.sql").read_bytes())
        yield url


def test_a_full_database_is_upgraded_while_it_is_read(first_release: str) -> None:
    with connection(first_release) as database:
        before = database.execute(_SUM).fetchone()
    assert before is not None
    assert before[0] == 60_000
    with _read(first_release) as seen:
        migrate(first_release)
    assert len(seen) > 1
    assert set(seen) == {before}
    with connection(first_release) as database:
        assert database.execute(_SUM).fetchone() == before
        published = "SELECT generation, count(*) FROM trading_operations GROUP BY 1 ORDER BY 1"
        assert database.execute(published).fetchall() == [(2, 60_000)]
        assert database.execute("SELECT count(*) FROM files").fetchone() == (1,)


@contextmanager
def _read(url: str) -> Iterator[list[Any]]:
    """Read the table over and over meanwhile; what the readers saw, errors among it."""
    over = threading.Event()
    seen: list[Any] = []

    def read() -> None:
        with connection(url) as database:
            database.autocommit = True
            while True:
                try:
                    seen.append(database.execute(_SUM).fetchone())
                except Exception as error:  # noqa: BLE001 - whatever a reader meets is what the test looks for
                    seen.append(error)
                    return
                if over.is_set():
                    return

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        yield seen
    finally:
        over.set()
        for reader in readers:
            reader.join()
