"""The servers' settings as the servers themselves tell them."""

import psycopg
import pytest
import redis

from nexus_data.services import running
from nexus_data.settings import Settings

DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "data_checksums": "on"}
BULK = {
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "shared_buffers": "256MB",
    "maintenance_work_mem": "256MB",
    "jit": "off",
    "max_connections": "60",
}
LOCAL = {"listen_addresses": "", "unix_socket_permissions": "0700", "TimeZone": "UTC", "server_encoding": "UTF8"}


@pytest.mark.parametrize(("name", "value"), [*DURABLE.items(), *BULK.items(), *LOCAL.items()])
def test_postgres_has_the_setting(shared: Settings, name: str, value: str) -> None:
    with running(shared) as services, psycopg.connect(services.postgres_url) as connection:
        assert connection.execute("SELECT current_setting(%s)", (name,)).fetchone() == (value,)


def test_statement_statistics_work_in_every_database(shared: Settings) -> None:
    with running(shared) as services:
        with psycopg.connect(services.postgres_url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE other")
        with psycopg.connect(services.postgres_url, dbname="other") as connection:
            connection.execute("SELECT 41 + 1")
            query = "SELECT calls FROM pg_stat_statements WHERE query = 'SELECT $1 + $2'"
            assert connection.execute(query).fetchone() == (1,)


def test_a_port_in_the_environment_does_not_mislead(shared: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    with running(shared) as services, psycopg.connect(services.postgres_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_valkey_has_its_settings(shared: Settings) -> None:
    wanted = {"port": "0", "maxmemory": str(1024**3), "maxmemory-policy": "allkeys-lru", "appendonly": "no"}
    with running(shared) as services, redis.Redis.from_url(services.redis_url) as client:
        assert client.config_get(*wanted) == wanted
