"""An installation on a disk that is never too full, whatever the disk of this machine is."""

from dataclasses import replace

import pytest

from nexus_data.settings import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The settings of every test, but for the alert that depends on the machine."""
    return replace(settings, alert_disk_free=0.0)
