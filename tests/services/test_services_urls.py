"""Which servers are embedded follows from the URLs that are set."""

from pathlib import Path

import psycopg
import pytest
import redis

from nexus_data.errors import ServiceError
from nexus_data.services import refuse_platform, running
from nexus_data.settings import Settings


def test_both_urls_set_start_nothing(tmp_path: Path) -> None:
    given = Settings(home=tmp_path / "home", postgres_url="postgresql://db.example/x", redis_url="redis://c.example/0")
    with running(given) as services:
        assert (services.postgres_url, services.redis_url) == ("postgresql://db.example/x", "redis://c.example/0")
    assert list(tmp_path.iterdir()) == []


def test_a_redis_url_leaves_postgres_embedded(home: Path) -> None:
    with running(Settings(home=home, redis_url="redis://cache.example/0")) as services:
        assert services.redis_url == "redis://cache.example/0"
        with psycopg.connect(services.postgres_url) as connection:
            assert connection.execute("SELECT current_database()").fetchone() == ("nexus",)
        assert not (home / "servers" / "run" / "valkey.sock").exists()


def test_a_postgres_url_leaves_valkey_embedded(bare_home: Path) -> None:
    with running(Settings(home=bare_home, postgres_url="postgresql://db.example/x")) as services:
        assert services.postgres_url == "postgresql://db.example/x"
        with redis.Redis.from_url(services.redis_url) as client:
            assert client.ping()
        assert not (bare_home / "servers" / "postgres").exists()


def test_the_urls_have_the_documented_form(shared: Settings) -> None:
    run = shared.home.resolve() / "servers" / "run"
    with running(shared) as services:
        assert services.postgres_url == f"postgresql://nexus@:5432/nexus?host={run}"
        assert services.redis_url == f"unix://{run}/valkey.sock?db=0"


def test_windows_is_told_to_use_urls() -> None:
    with pytest.raises(ServiceError, match="NEXUS_POSTGRES_URL and NEXUS_REDIS_URL"):
        refuse_platform("win32")
