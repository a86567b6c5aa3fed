"""Runs, replays and questions, on small files of the platform's plain format."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nexus_data import checks
from nexus_data.quarantine.replay import replay
from nexus_data.quarantine.request import ReplayRequest
from nexus_data.quarantine.selection import Selection
from nexus_data.results import RunSummary
from nexus_data.settings import Settings
from tests.spine.conftest import ask, land, run

__all__ = ["ask", "land", "run"]

Replay = Callable[..., RunSummary]
Correct = Callable[..., RunSummary]
Prove = Callable[[], None]


@pytest.fixture
def again(settings: Settings) -> Replay:
    """Replay what the filters choose."""

    def take(*, held: bool = False, **filters: Any) -> RunSummary:
        return replay(settings, ReplayRequest(Selection(**filters), held=held))

    return take


@pytest.fixture
def corrections(home: Path) -> Callable[..., Path]:
    """A correction file of these lines."""

    def write(*lines: str, header: str = "file,record,field,text") -> Path:
        path = home / "corrections.csv"
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def correct(settings: Settings, corrections: Callable[..., Path]) -> Correct:
    """Replay with a correction file of these lines."""

    def take(*lines: str, by: str = "ann", why: str = "as the bank's letter says", **filters: str) -> RunSummary:
        path = corrections(*lines)
        return replay(settings, ReplayRequest(Selection(**filters), corrections=path, made_by=by, reason=why))

    return take


@pytest.fixture
def prove(database_url: str) -> Prove:
    """Every proof of the promises holds of all that was ever published or rejected."""

    def demand() -> None:
        assert checks.ledger_balances(database_url).passed
        for check in (checks.published_rows, checks.published_fingerprints, checks.quarantine):
            found = check(database_url, everything=True)
            assert found.passed, found.summary

    return demand
