"""Installations that live as long as a module: a whole run serves all tests of it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis import Redis

from nexus_data.services import Services
from nexus_data.settings import Settings
from tests.conftest import FreshDatabase, short_folder
from tests.exactness.installation import Home


@pytest.fixture(scope="session")
def installed(services: Services, fresh_database: FreshDatabase) -> Home:
    """Makes fresh installations."""

    @contextmanager
    def create() -> Iterator[Settings]:
        with short_folder() as home, fresh_database() as url:
            with Redis.from_url(services.redis_url) as client:
                client.flushdb()
            yield Settings(home=home, postgres_url=url, redis_url=services.redis_url)

    return create
