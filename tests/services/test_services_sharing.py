"""Many processes, one pair of servers, which live as long as anyone uses them."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
import redis

from nexus_data.services import running, stop, watchdog
from nexus_data.services.account import servers_account
from nexus_data.services.layout import Layout, prepare
from nexus_data.settings import Settings

START_TIME = """
    import sys, psycopg
    from pathlib import Path
    from nexus_data.services import running
    from nexus_data.settings import Settings
    with running(Settings(home=Path(sys.argv[1]))) as services:
        with psycopg.connect(services.postgres_url) as connection:
            print(connection.execute("SELECT pg_postmaster_start_time()").fetchone()[0], flush=True)
        sys.stdin.read(1)
"""
Script = Callable[..., "subprocess.Popen[str]"]


def eventually(condition: Callable[[], bool], *, seconds: float = 180) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def alive() -> set[int]:
    return {pid for uid in (os.geteuid(), servers_account().uid) for pid in watchdog.processes("", uid=uid)}


def servers(layout: Layout) -> dict[int, str]:
    return watchdog.processes(f"{layout.marker}-", uid=layout.account.uid)


def test_processes_that_start_at_once_share_one_server(bare_home: Path, script: Script) -> None:
    children = [script(START_TIME, bare_home) for _ in range(5)]
    # None is let go before all have started: on a loaded machine that may take longer than the servers linger.
    started = {child.stdout.readline() for child in children if child.stdout}
    outcomes = [child.communicate("x") for child in children]
    assert [child.returncode for child in children] == [0] * 5, outcomes
    assert len(started) == 1


def test_another_process_uses_the_running_server(shared: Settings, script: Script) -> None:
    with running(shared) as services, psycopg.connect(services.postgres_url) as connection:
        started = connection.execute("SELECT pg_postmaster_start_time()").fetchone()
    output, _ = script(START_TIME, shared.home).communicate("x")
    assert started is not None
    assert output.strip() == str(started[0])


def test_servers_outlive_neither_a_killed_user_nor_the_linger(home: Path, script: Script) -> None:
    child = script(START_TIME, home)
    assert child.stdout is not None
    assert child.stdout.readline()
    layout = prepare(home)
    assert servers(layout)
    child.kill()
    child.wait()
    assert eventually(lambda: not servers(layout))
    assert not (layout.data / "postmaster.pid").exists()


def test_servers_survive_a_short_pause_between_users(home: Path) -> None:
    times = []
    for _ in range(2):
        with running(Settings(home=home)) as services, psycopg.connect(services.postgres_url) as connection:
            times.append(connection.execute("SELECT pg_postmaster_start_time()").fetchone())
    assert times[0] == times[1]


def test_stop_waits_for_nobody_but_spares_users(home: Path) -> None:
    settings = Settings(home=home)
    with running(settings):
        assert not stop(settings)
        assert servers(prepare(home))
    assert stop(settings)
    assert not servers(prepare(home))


def test_a_killed_watchdog_is_replaced(home: Path) -> None:
    settings = Settings(home=home)
    with running(settings):
        killed = int((home / "services" / "watchdog").read_text())
        os.kill(killed, signal.SIGKILL)
        assert eventually(lambda: killed not in alive())
        with running(settings):
            assert int((home / "services" / "watchdog").read_text()) != killed
    assert stop(settings)
    assert not servers(prepare(home))


def test_a_home_made_again_is_left_alone_by_the_old_watchdog(home: Path, made_home: Path) -> None:
    settings = Settings(home=home)
    with running(settings):
        old_watchdog = int((home / "services" / "watchdog").read_text())
        old = servers(prepare(home))
    shutil.rmtree(home)
    subprocess.run(["cp", "-a", made_home, home], check=True)
    with running(settings) as services:
        assert not alive() & set(old)
        with suppress(ProcessLookupError):
            os.kill(old_watchdog, signal.SIGTERM)
        assert eventually(lambda: old_watchdog not in alive())
        with psycopg.connect(services.postgres_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        with redis.Redis.from_url(services.redis_url) as client:
            assert client.ping()


def test_a_home_that_is_moved_while_servers_linger_keeps_its_data(home: Path) -> None:
    with running(Settings(home=home)) as services, psycopg.connect(services.postgres_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
    moved = home.rename(home.with_name("moved"))
    with running(Settings(home=moved)) as services, psycopg.connect(services.postgres_url) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (1,)
    assert stop(Settings(home=moved))
    assert not servers(prepare(moved))
    with running(Settings(home=moved)) as services, psycopg.connect(services.postgres_url) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (1,)
    assert stop(Settings(home=moved))


def test_a_copied_home_has_servers_of_its_own(home: Path) -> None:
    with running(Settings(home=home)) as services, psycopg.connect(services.postgres_url) as connection:
        copy = home.with_name("copy")
        subprocess.run(["cp", "-a", home, copy], check=True)
        assert prepare(copy).marker != prepare(home).marker
        assert stop(Settings(home=copy))
        assert connection.execute("SELECT 1").fetchone() == (1,)
