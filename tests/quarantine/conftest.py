"""Runs, replays and questions, on small files of the platform's plain format."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nexus_data.quarantine.replay import replay
from nexus_data.quarantine.request import ReplayRequest
from nexus_data.quarantine.selection import Selection
from nexus_data.results import RunSummary
from nexus_data.settings import Settings
from tests.spine.conftest import ask, land, run

__all__ = ["ask", "land", "run"]

Replay = Callable[..., RunSummary]
Correct = Callable[..., RunSummary]


@pytest.fixture
def again(settings: Settings) -> Replay:
    """Replay what the filters choose."""

    def take(**filters: str) -> RunSummary:
        return replay(settings, ReplayRequest(Selection(**filters)))

    return take


@pytest.fixture
def correct(settings: Settings, home: Path) -> Correct:
    """Replay with a correction file of these lines."""

    def take(*lines: str, by: str = "ann", why: str = "as the bank's letter says", **filters: str) -> RunSummary:
        path = home / "corrections.csv"
        path.write_text("\n".join(["file,record,field,text", *lines]) + "\n", encoding="utf-8")
        return replay(settings, ReplayRequest(Selection(**filters), corrections=path, made_by=by, reason=why))

    return take
