"""Dagster's history is bounded, and its UI still knows what was made."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from nexus_data.cleanup.kinds import Work
from nexus_data.services import running
from nexus_data.settings import Settings
from pipelines.execution import Request, run_ledger
from pipelines.history import RunHistory
from pipelines.instance import opened
from tests.pipelines.rows import ANN, OPERATIONS, USERS, Write, months, operation

_MADE = dg.AssetKey("trading_operations")


def test_old_runs_go_but_the_last_that_made_something(installation: Settings, write: Write) -> None:
    for name, day in (("a.csv", "2024-03-05"), ("b.csv", "2024-04-05"), ("c.csv", "2024-04-06")):
        users = [write("users.csv", USERS, [ANN])] if name == "a.csv" else []
        run_ledger(
            installation, Request(paths=(*users, write(name, OPERATIONS, [operation(name, f"{day}T10:00:00Z")])))
        )
    with opened(installation) as instance, running(installation) as services:
        history = RunHistory(instance)
        newest, middle, oldest = (run.run_id for run in instance.get_runs())
        shown = months(instance, _MADE)
        assert set(shown) == {"2024-03", "2024-04"}

        assert list(history.find(Work(installation, services, datetime.now(UTC)))) == []
        work = Work(installation, services, datetime.now(UTC) + timedelta(days=40))
        (found,) = history.find(work)
        assert (found.records, found.refused) == (1, "")
        assert found.bytes > 0
        history.drop(work, found.item)
        assert [run.run_id for run in instance.get_runs()] == [newest, oldest], "the oldest made March, and alone"
        assert months(instance, _MADE) == shown
        assert list(history.find(work)) == []
    assert middle not in _files(installation.home)


def _files(home: Path) -> set[str]:
    return {path.name.partition(".")[0] for path in (home / "dagster" / "history" / "runs").iterdir()}
