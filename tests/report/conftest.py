"""A generated data set, published, and the report of a user and of a role of it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from nexus_data.generate import generate
from nexus_data.landing import discover
from nexus_data.pipeline import run_all
from nexus_data.provenance.asking import ask
from nexus_data.report.facts import Facts, Subject, facts
from nexus_data.report.period import period
from nexus_data.services import Services
from nexus_data.settings import Settings

FreshDatabase = Callable[..., AbstractContextManager[str]]
USER = "u-00003"


@dataclass(frozen=True)
class Installation:
    """A home and its database."""

    settings: Settings
    url: str


@pytest.fixture(scope="package")
def installed(
    fresh_database: FreshDatabase, services: Services, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Everything that the generator makes, at generation 1; nobody lands anything afterwards."""
    home = tmp_path_factory.mktemp("report")
    generate(home, rows=900, seed=5)
    with fresh_database() as url:
        settings = Settings(home=home, postgres_url=url, redis_url=services.redis_url)
        assert run_all(settings, discover(settings)).published > 100
        yield Installation(settings, url)


@pytest.fixture(scope="package")
def of_user(installed: Installation) -> Facts:
    """What a year of one user is made of."""
    return ask(installed.url, facts(Subject(user_id=USER), period("2025")))


@pytest.fixture(scope="package")
def of_role(installed: Installation) -> Facts:
    """What a quarter of the users of one role is made of."""
    return ask(installed.url, facts(Subject(role="auditor"), period("2025-Q1")))


@pytest.fixture
def folder(installed: Installation) -> Path:
    """Where reports are written."""
    return installed.settings.home / "reports"
