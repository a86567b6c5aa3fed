"""A generated data set, published in two generations, and questions about what stands behind it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection, IsolationLevel

from nexus_data.generate import generate
from nexus_data.landing import discover
from nexus_data.pipeline import run_all
from nexus_data.postgres.connect import connection
from nexus_data.services import Services
from nexus_data.settings import Settings

FreshDatabase = Callable[..., AbstractContextManager[str]]


@dataclass(frozen=True)
class Installation:
    """A home and its database, at the generation of that number."""

    settings: Settings
    url: str
    generation: int


@pytest.fixture(scope="package")
def installed(
    fresh_database: FreshDatabase, services: Services, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Everything that the generator makes, its plain operations one generation later than the rest."""
    home = tmp_path_factory.mktemp("provenance")
    generate(home, rows=900, seed=5)
    with fresh_database() as url:
        settings = Settings(home=home, postgres_url=url, redis_url=services.redis_url)
        landings = discover(settings)
        later = [one for one in landings if one.path.name.startswith("operations-")]
        run_all(settings, [one for one in landings if one not in later])
        summary = run_all(settings, later)
        assert summary.published > 100
        yield Installation(settings, url, summary.generation)


@pytest.fixture
def snapshot(installed: Installation) -> Iterator[Connection[Any]]:
    """A transaction that sees one generation."""
    with connection(installed.url) as database:
        database.isolation_level = IsolationLevel.REPEATABLE_READ
        yield database


@pytest.fixture
def kept(installed: Installation) -> Callable[[str], Path]:
    """The kept bytes of a file, by its SHA-256."""
    return lambda sha256: installed.settings.home / "raw" / sha256[:2] / sha256
