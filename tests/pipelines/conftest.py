"""An installation of the test's own, named by the environment as in production, and a place for files to land."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from nexus_data.settings import Settings
from tests.pipelines.rows import Write


@pytest.fixture
def installation(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The test's settings, which every process started from here reads from the environment too."""
    monkeypatch.setenv("NEXUS_HOME", str(settings.home))
    monkeypatch.setenv("NEXUS_POSTGRES_URL", settings.postgres_url or "")
    monkeypatch.setenv("NEXUS_REDIS_URL", settings.redis_url or "")
    monkeypatch.setenv("NEXUS_ALERT_DISK_FREE", "0")  # how full this machine's disk is means nothing
    return settings


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """write(name, header, lines): a CSV file."""

    def write(name: str, header: str, lines: Sequence[str]) -> Path:
        path = tmp_path / name
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        return path

    return write
