"""Whatever a kill left behind, the next user gets servers, and every committed row."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from nexus_data.services import running, stop, valkey_server, watchdog
from nexus_data.services.layout import Layout, prepare
from nexus_data.settings import Settings

ROWS = 10_000


def kill_servers(layout: Layout) -> None:
    """kill -9 of both servers' main processes; Postgres's children are left to themselves."""
    marked = watchdog.processes(layout.postgres_marker, uid=layout.account.uid)
    valkey = watchdog.processes(layout.valkey_marker, uid=layout.account.uid)
    victims = [*watchdog.postmasters(marked), *valkey]
    assert victims
    watchdog.signal_all(victims, signal.SIGKILL)


def fill(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE evidence AS SELECT generate_series(1, %s) AS n", (ROWS,))


def count(url: str) -> int:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM evidence").fetchone()
    assert found is not None
    return int(found[0])


@contextmanager
def busy_backend(url: str) -> Iterator[None]:
    """A backend that does not look up from its query for minutes, as an orphan would hold the data folder."""
    connection = psycopg.connect(url, autocommit=True)
    connection.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1000000000) a, generate_series(1, 1000) b")
    try:
        yield
    finally:
        connection.close()


def test_rows_and_service_are_back_after_kill_9_of_both_servers(home: Path) -> None:
    with running(Settings(home=home)) as services:
        fill(services.postgres_url)
        kill_servers(prepare(home))
        with running(Settings(home=home)) as again:
            assert count(again.postgres_url) == ROWS
            with redis.Redis.from_url(again.redis_url) as client:
                assert client.ping()


def test_an_orphan_at_work_does_not_hold_the_data(home: Path) -> None:
    settings = Settings(home=home, redis_url="redis://cache.example/0")
    with running(settings) as services:
        fill(services.postgres_url)
        layout = prepare(home)
        with busy_backend(services.postgres_url):
            old = set(watchdog.processes(layout.postgres_marker, uid=layout.account.uid))
            kill_servers(layout)
            with running(settings) as again:
                assert count(again.postgres_url) == ROWS
                assert not old & set(watchdog.processes(layout.postgres_marker, uid=layout.account.uid))


def test_a_foreign_process_id_in_the_lock_file_does_not_matter(home: Path) -> None:
    layout = prepare(home)
    stale = layout.data / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{layout.data}\n1700000000\n5432\n{layout.run}\n\n  0 0\nready   \n")
    os.chown(stale, layout.account.uid, layout.account.gid)
    with running(Settings(home=home, redis_url="redis://cache.example/0")) as services:
        fill(services.postgres_url)
        assert count(services.postgres_url) == ROWS


def test_a_half_made_data_folder_is_made_again(bare_home: Path) -> None:
    layout = prepare(bare_home)
    half = layout.servers / "postgres.new-0123456789abcdef"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    os.chown(half, layout.account.uid, layout.account.gid)
    with running(Settings(home=bare_home, redis_url="redis://cache.example/0")) as services:
        fill(services.postgres_url)
    assert not half.exists()


def test_a_server_whose_socket_was_cleaned_away_is_reachable_again(home: Path) -> None:
    settings = Settings(home=home)
    with running(settings) as services:
        fill(services.postgres_url)
        for socket in prepare(home).run.iterdir():
            socket.unlink()
        with running(settings) as again:
            assert count(again.postgres_url) == ROWS
            with redis.Redis.from_url(again.redis_url) as client:
                assert client.ping()


def test_a_damaged_snapshot_costs_the_cache_only(home: Path) -> None:
    layout = prepare(home)
    snapshot = layout.servers / "valkey" / "dump.rdb"
    snapshot.write_bytes(b"REDIS0011\xfa\x09cut off")
    os.chown(snapshot, layout.account.uid, layout.account.gid)
    with running(Settings(home=home, postgres_url="postgresql://db.example/x")) as services:
        with redis.Redis.from_url(services.redis_url) as client:
            assert client.dbsize() == 0
        assert valkey_server.is_up(layout)


def test_keys_survive_a_polite_stop(home: Path) -> None:
    settings = Settings(home=home, postgres_url="postgresql://db.example/x")
    with running(settings) as services, redis.Redis.from_url(services.redis_url) as client:
        client.set("kept", "1")
    assert stop(settings)
    with running(settings) as services, redis.Redis.from_url(services.redis_url) as client:
        assert client.get("kept") == b"1"


def test_a_cache_that_cannot_start_is_a_warning(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    with running(Settings(home=home, valkey_bin=Path("/bin/false"))) as services:
        fill(services.postgres_url)
        assert services.redis_url.startswith("unix:///")
    assert "NEXUS_REDIS_URL" in caplog.text
