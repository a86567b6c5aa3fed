"""A real standby that streams from its primary: reads go to it, and while it lags it is never believed."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from litestar.testing import TestClient

from nexus_data.api.app import create_app
from nexus_data.postgres.migrate import migrate
from nexus_data.services.account import Account, servers_account
from nexus_data.services.binaries import postgres_folder
from tests.api.platform_rows import platform
from tests.api.test_api_postgres import DASHBOARD, _asked

_SETTINGS = """\
listen_addresses = ''
wal_level = replica
max_wal_senders = 4
shared_buffers = 16MB
fsync = off
"""


class Pair:
    """A primary and its standby, two servers of one account, side by side in a folder."""

    def __init__(self, folder: Path, account: Account, programs: Path) -> None:
        self._folder, self._account, self._programs = folder, account, programs

    def run(self, program: str, *arguments: str) -> None:
        done = self._account.run([self._programs / program, *arguments], cwd=self._folder)
        assert done.returncode == 0, done.stderr

    def url(self, name: str) -> str:
        return f"postgresql://nexus@/nexus?host={self._folder / f'{name}.run'}"

    def start(self, name: str) -> None:
        sockets = self._folder / f"{name}.run"
        self._account.make_folder(sockets)
        self.run("pg_ctl", "start", "-s", "-w", "-D", name, "-l", f"{name}.log", "-o", f"-k {sockets}")

    def make_primary(self) -> None:
        common = ["--encoding=UTF8", "--locale=C", "--auth=trust", "--no-sync", "--no-instructions"]
        self.run("initdb", "-D", "primary", "--username=nexus", *common)
        self._account.write(self._folder / "primary" / "postgresql.auto.conf", _SETTINGS)
        self.start("primary")
        with psycopg.connect(self.url("primary").replace("/nexus?", "/postgres?"), autocommit=True) as server:
            server.execute("CREATE DATABASE nexus")

    def make_standby(self) -> None:
        source = ["-h", str(self._folder / "primary.run"), "-U", "nexus"]
        self.run("pg_basebackup", *source, "-D", "standby", "-R", "-X", "stream", "-c", "fast", "--no-sync")
        self.start("standby")

    def ask(self, name: str, statement: str) -> Any:
        with psycopg.connect(self.url(name), autocommit=True) as server:
            return (server.execute(statement.encode()).fetchone() or (None,))[0]

    def await_generation(self, number: int) -> None:
        deadline = time.monotonic() + 180
        while self.ask("standby", "SELECT max(generation) FROM generations") != number:
            assert time.monotonic() < deadline, "the standby does not stream"
            time.sleep(0.05)


@pytest.fixture
def pair(home: Path) -> Iterator[Pair]:
    account = servers_account()
    programs = postgres_folder(None, account)
    if not (programs / "pg_basebackup").is_file():
        pytest.skip(f"{programs} has no pg_basebackup")
    folder = home / "pair"
    folder.mkdir(mode=0o755)
    if account.drops:
        os.chown(folder, account.uid, account.gid)
    made = Pair(folder, account, programs)
    try:
        made.make_primary()
        yield made
    finally:
        for name in ("standby", "primary"):
            account.run([programs / "pg_ctl", "stop", "-s", "-m", "immediate", "-D", name], cwd=folder)
        account.remove([folder / name for name in ("primary", "standby", "primary.run", "standby.run")])


@pytest.fixture
def database_url(pair: Pair) -> str:
    """The primary, in place of the embedded server: `settings` and `publish` use it."""
    migrate(pair.url("primary"))
    return pair.url("primary")


def test_reads_go_to_the_standby_and_what_it_lacks_comes_from_the_primary(pair, settings, publish, token):
    publish(1, **platform())
    pair.make_standby()
    pair.await_generation(1)
    assert pair.ask("standby", "SELECT pg_is_in_recovery()") is True
    standby = pair.url("standby")
    own = replace(settings, postgres_read_url=standby, redis_url="redis://127.0.0.1:1", metrics_token="sesame")  # noqa: S106
    with TestClient(create_app(own)) as client:

        def shown(user: str) -> tuple[int, float]:
            answer = client.get(DASHBOARD, headers=token(user))
            assert answer.status_code == 200
            assert answer.headers["X-Data-Generation"] == str(answer.json()["generation"])
            return answer.json()["generation"], _asked(client, own, "primary")

        _, before = shown("ada")
        assert shown("bob") == (1, before), "the primary was not asked for the document"

        pair.ask("standby", "SELECT pg_wal_replay_pause()::text")
        publish(2, **platform())
        assert pair.ask("standby", "SELECT max(generation) FROM generations") == 1
        assert shown("ada") == (2, before + 1), "the standby lags, so the primary was asked"

        pair.ask("standby", "SELECT pg_wal_replay_resume()::text")
        pair.await_generation(2)
        assert shown("bob") == (2, before + 1), "the standby has caught up"
