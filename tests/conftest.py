"""Real services for every test: one embedded Postgres and Valkey a session, one fresh database a test."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from hypothesis import settings as hypothesis_settings
from psycopg.sql import SQL, Composed, Identifier
from redis import Redis

from nexus_data.postgres.connect import connection
from nexus_data.postgres.migrate import migrate
from nexus_data.services import Services, running, stop
from nexus_data.settings import Settings

FreshDatabase = Callable[..., AbstractContextManager[str]]

# Hundreds of processes start here: with what they import compiled once, each of them starts in less than half the time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Whatever proxy leads to the package index, servers of this machine are not behind it.
for _name in ("NO_PROXY", "no_proxy"):
    os.environ[_name] = ",".join(filter(None, [os.environ.get(_name), "127.0.0.1", "localhost"]))

# A slow machine is no failure, and what a change broke must not depend on what was drawn that day; the other draws.
hypothesis_settings.register_profile("anew", deadline=None)
hypothesis_settings.register_profile("steady", deadline=None, derandomize=True)
hypothesis_settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    """How much tests/crash kills."""
    group = parser.getgroup("crash")
    group.addoption("--kills", type=int, default=20, help="how often to kill a run (20); 200 and more a night")
    group.addoption("--crash-seed", default="0", help="which moments are drawn; a number, or a date")
    group.addoption("--scene", help="kill in this scene of tests/crash/scenes.py only")
    group.addoption("--moment", metavar="SCENE: MOMENT", help="kill at this moment only, as a failure printed it")


@contextmanager
def short_folder() -> Iterator[Path]:
    """An empty folder with a short path that other users may enter, removed at the end."""
    # pytest's own folders are too deep for a socket path, and closed to the user that the servers run as under root.
    folder = Path(tempfile.mkdtemp(prefix="nexus-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def patient(services: Services) -> Services:
    """The same, with a Redis that is waited for: that it says nothing for half a second means nothing under load."""
    return replace(services, redis_url=f"{services.redis_url}&socket_timeout=60&socket_connect_timeout=60")


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    """Embedded servers for the whole session; a user's own servers (NEXUS_*_URL) are never touched by tests."""
    from_env = Settings.from_env()
    with short_folder() as home:
        settings = Settings(home=home, postgres_bin=from_env.postgres_bin, valkey_bin=from_env.valkey_bin)
        with running(settings) as services:
            # No test outlives a power cut, and the many databases of a session are made in half the time.
            _execute(services.postgres_url, SQL("ALTER SYSTEM SET fsync = off"))
            _execute(services.postgres_url, SQL("SELECT pg_reload_conf()"))
            yield patient(services)
        stop(settings)  # before their folder goes; by themselves they would linger for a while


@pytest.fixture(scope="session")
def template_database(services: Services) -> str:
    """The name of a migrated, empty database that no test writes to."""
    name = "test_template"
    _execute(services.postgres_url, SQL("CREATE DATABASE {}").format(Identifier(name)))
    migrate(_with_database(services.postgres_url, name))
    return name


@pytest.fixture(scope="session")
def fresh_database(services: Services, template_database: str) -> FreshDatabase:
    """Makes databases: `with fresh_database() as url` a migrated one, `fresh_database("template0")` a bare one."""

    @contextmanager
    def create(template: str = template_database, options: str = "") -> Iterator[str]:
        name = f"test_{uuid4().hex[:12]}"
        statement = SQL("CREATE DATABASE {} TEMPLATE {} {}")
        _execute(services.postgres_url, statement.format(Identifier(name), Identifier(template), SQL(options)))
        yield _with_database(services.postgres_url, name)
        _execute(services.postgres_url, SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    return create


@pytest.fixture
def database_url(fresh_database: FreshDatabase) -> Iterator[str]:
    """The URL of a fresh, migrated database of this test's own."""
    with fresh_database() as url:
        yield url


@pytest.fixture
def redis_url(services: Services) -> str:
    """The URL of an empty Redis/Valkey."""
    with Redis.from_url(services.redis_url) as client:
        client.flushdb()
    return services.redis_url


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty folder with a short path, readable for the user that embedded servers run as."""
    with short_folder() as folder:
        yield folder


@pytest.fixture
def settings(home: Path, database_url: str, redis_url: str) -> Settings:
    """Settings of a fresh installation that uses this test's database."""
    return Settings(home=home, postgres_url=database_url, redis_url=redis_url)


def _execute(url: str, statement: Composed) -> None:
    with connection(url) as server:
        server.autocommit = True
        server.execute(statement)


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
