"""Servers that tests may kill, a process that forks runs, and installations to run in."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from psycopg.sql import SQL, Composed, Identifier

from nexus_data.postgres.connect import connection
from nexus_data.services import Services, running, stop
from nexus_data.settings import Settings
from tests.conftest import patient, short_folder
from tests.crash.installations import Installations
from tests.crash.scenes import SCENES, STEPS, write
from tests.crash.zygote import Zygote
from tests.crash.zygote import zygote as started_zygote


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """As many kills as are asked for: at every step, then at random; with --moment that one."""
    if "planned" in metafunc.fixturenames:
        moment, kills, scene = map(metafunc.config.getoption, ("moment", "kills", "scene"))
        steps = [step for step in STEPS if scene is None or step.startswith(f"{scene}: ")]
        at_random = [f"random {number}" for number in range(len(steps), kills)]
        metafunc.parametrize("planned", [moment] if moment else [*steps[:kills], *at_random])


@pytest.fixture(scope="package")
def scenes(request: pytest.FixtureRequest) -> list[str]:
    """The scenes that random moments are drawn from."""
    asked = request.config.getoption("scene")
    return [asked] if asked else sorted(SCENES)


@pytest.fixture(scope="package")
def crash_seed(request: pytest.FixtureRequest) -> str:
    """What the random moments follow from."""
    return str(request.config.getoption("crash_seed"))


@pytest.fixture(scope="package")
def folder() -> Iterator[Path]:
    """Where the homes of this package's tests are."""
    with short_folder() as folder:
        yield folder


@pytest.fixture(scope="package")
def server_settings(folder: Path) -> Settings:
    """Of servers that only these tests use, for they get killed."""
    from_env = Settings.from_env()
    return Settings(home=folder / "servers", postgres_bin=from_env.postgres_bin, valkey_bin=from_env.valkey_bin)


@pytest.fixture(scope="package")
def servers(server_settings: Settings) -> Iterator[Services]:
    """Postgres and Valkey. What outlives a killed process is in the kernel's memory, so that fsync may be off."""
    server_settings.home.mkdir()
    with running(server_settings) as services:
        execute(services.postgres_url, SQL("ALTER SYSTEM SET fsync = off"))
        execute(services.postgres_url, SQL("SELECT pg_reload_conf()"))
        yield patient(services)
    stop(server_settings)


@pytest.fixture(scope="package")
def zygote() -> Iterator[Zygote]:
    """The process that forks runs."""
    with started_zygote() as process:
        yield process


@pytest.fixture(scope="package")
def installations(zygote: Zygote, servers: Services, folder: Path) -> Installations:
    """Installations for every scene."""
    write(folder / "files")

    @contextmanager
    def copy(database: str, *, tablespace: str | None = None) -> Iterator[str]:
        url = _copied(servers.postgres_url, database, tablespace=tablespace or "pg_default")
        try:
            yield url
        finally:
            execute(servers.postgres_url, SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(_name(url))))

    def keep(url: str) -> str:
        return _name(_copied(servers.postgres_url, _name(url)))

    return Installations(zygote, servers, folder, folder / "files", copy, keep)


def _copied(server: str, database: str, *, tablespace: str = "pg_default") -> str:
    fresh = f"crash_{uuid4().hex[:12]}"
    names = map(Identifier, (fresh, database, tablespace))
    statement = SQL("CREATE DATABASE {} TEMPLATE {} TABLESPACE {}").format(*names)
    execute(server, statement)
    return urlunsplit(urlsplit(server)._replace(path=f"/{fresh}"))


def execute(url: str, statement: Composed | SQL) -> None:
    """A statement that cannot be in a transaction."""
    with connection(url) as server:
        server.autocommit = True
        server.execute(statement)


def _name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")
