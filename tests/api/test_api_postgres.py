"""The API behind pgbouncer in transaction mode, and reading from a replica that lags."""

import configparser
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from litestar.testing import TestClient
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from nexus_data.api.app import create_app
from nexus_data.postgres.connect import connection
from nexus_data.settings import Settings
from tests.api.platform_rows import platform
from tests.api.served import free_port
from tests.debian import Program, program

PGBOUNCER = Path(__file__).parents[2] / "deploy" / "pgbouncer"
DASHBOARD = "/api/v3/projects/dashboard"
ROLE = ("default_transaction_read_only = on", "statement_timeout = '10s'", "jit = off", "timezone = 'UTC'")


@contextmanager
def pgbouncer(found: Program, folder: Path, url: str) -> Iterator[str]:
    """Runs with the configuration of `deploy/`, but for where the server is and who may come in."""
    server, port = conninfo_to_dict(url), free_port()
    given = configparser.ConfigParser()
    given.read(PGBOUNCER / "pgbouncer.ini")
    given["databases"] = {"nexus": f"host={server['host']} port={server['port']} dbname={server['dbname']} user=nexus"}
    own = {"listen_port": str(port), "auth_type": "any", "unix_socket_dir": "", "auth_file": ""}
    # Each transaction is on a connection that no other one was on: what is prepared or set in one is gone in the next.
    given["pgbouncer"].update({**own, "server_lifetime": "0"})
    path = folder / "pgbouncer.ini"
    with path.open("w", encoding="utf-8") as out:
        given.write(out)
    account = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([found.path, "-q", *account, path], env=found.environment)
    try:
        yield f"postgresql://nexus@127.0.0.1:{port}/nexus"
    finally:
        process.kill()
        process.wait()


def _set_role(url: str) -> None:
    """As `deploy/pgbouncer/role.sql` does, but in this test's own database alone."""
    with connection(url) as database:
        for setting in ROLE:
            assert f"SET {setting}" in (PGBOUNCER / "role.sql").read_text(encoding="utf-8")
            name = Identifier(database.info.dbname)
            database.execute(SQL("ALTER ROLE nexus IN DATABASE {} SET {}").format(name, SQL(setting)))


def test_behind_pgbouncer_in_transaction_mode(settings, publish, token, home):
    publish(1, **platform())
    assert settings.postgres_url
    with pgbouncer(program("pgbouncer"), home, settings.postgres_url) as url:
        pooled = replace(settings, postgres_url=url)
        with TestClient(create_app(pooled)) as client:
            refused = client.get("/health/ready")
            assert refused.status_code == 503, "a role that may write, without a timeout"
        _set_role(settings.postgres_url)
        with TestClient(create_app(pooled)) as client:
            for user in ("ada", "ben", "cy") * 4:  # more often than psycopg waits before it prepares a statement
                answer = client.get(DASHBOARD, headers=token(user))
                assert (answer.status_code, answer.json()["generation"]) == (200, 1), answer.text
                page = client.get("/api/v3/trading-operations", headers=token(user))
                assert page.status_code == 200, page.text


@contextmanager
def copy_of(url: str) -> Iterator[str]:
    """Another database with what this one holds now: a replica that gets no further."""
    name, original = f"{urlsplit(url).path[1:]}_copy", urlsplit(url).path[1:]
    with psycopg.connect(url.replace(f"/{original}", "/postgres", 1), autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(original)))
        yield url.replace(f"/{original}", f"/{name}", 1)
        server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def _asked(client: TestClient, settings: Settings, pool: str) -> float:
    told = client.get("/metrics", headers={"Authorization": f"Bearer {settings.metrics_token}"}).text
    name = f'nexus_pool_events_total{{event="requests_num",pool="{pool}"}}'
    return float(next(line for line in told.splitlines() if line.startswith(name)).split()[-1])


def test_a_replica_that_lags_is_never_believed(settings, publish, token):
    publish(1, **platform())
    with copy_of(settings.postgres_url) as replica:
        known = replace(settings, metrics_token="sesame")  # noqa: S106
        reading = replace(known, postgres_read_url=replica, redis_url="redis://127.0.0.1:1")
        with TestClient(create_app(reading)) as client:
            first = client.get(DASHBOARD, headers=token("ada"))
            assert (first.status_code, first.json()["generation"]) == (200, 1)
            asked = _asked(client, reading, "replica")
            assert asked >= 1
            publish(2, **platform())
            second = client.get(DASHBOARD, headers=token("ada"))
            assert (second.status_code, second.headers["X-Data-Generation"]) == (200, "2")
            assert _asked(client, reading, "replica") > asked
        nowhere = replace(reading, postgres_read_url="postgresql://nexus@127.0.0.1:1/nexus")
        with TestClient(create_app(nowhere)) as client:
            for _ in range(3):
                assert client.get(DASHBOARD, headers=token("ada")).json()["generation"] == 2
