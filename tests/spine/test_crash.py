"""A run that ends before its commit leaves nothing that counts; the next gives what an undisturbed one gives."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from nexus_data.deduplicate import deduplicate
from nexus_data.errors import RunError
from nexus_data.landing import discover
from nexus_data.landing import land as land_files
from nexus_data.marts_step import refresh_marts
from nexus_data.pipeline import run_all
from nexus_data.publish import publish, rebuild
from nexus_data.runs import Run, open_run
from nexus_data.settings import Settings
from nexus_data.standardize import standardize
from tests.conftest import FreshDatabase
from tests.spine.conftest import Ask, Land, RunFiles, operation, user

STEPS: list[Callable[[Run], object]] = [standardize, deduplicate, refresh_marts]


class _KilledError(Exception):
    """Stands for the end of the process between two steps."""


def _until(settings: Settings, paths: list[Path], steps: list[Callable[[Run], object]], *, run_id: str) -> None:
    with open_run(settings, run_id=run_id) as run:
        land_files(run, discover(settings, paths))
        for step in steps:
            step(run)
        raise _KilledError


@pytest.mark.parametrize("done", range(len(STEPS) + 1))
def test_a_run_that_dies_before_its_commit_changes_nothing(
    done: int, settings: Settings, land: Land, run: RunFiles, ask: Ask
) -> None:
    run(land("users.csv", [user("u1")]), land("first.csv", [operation(n) for n in range(5)]))
    second = land("second.csv", [operation(n) for n in range(3, 9)])
    more_users = land("more.csv", [user("u9")])
    with pytest.raises(_KilledError):
        _until(settings, [second, more_users], STEPS[:done], run_id="dies")
    assert ask("SELECT max(generation) FROM generations") == [(1,)]
    summary = run(second, more_users)
    assert (summary.published, summary.duplicate, summary.generation) == (5, 2, 2)
    assert ask("SELECT count(*) FROM trading_operations") == [(9,)]
    assert not list((settings.home / "lake").glob("**/dies-*"))


def test_a_ledger_that_does_not_balance_cannot_be_committed(settings: Settings, land: Land, ask: Ask) -> None:
    file = land("a.csv", [operation(n) for n in range(5)])
    with pytest.raises(RunError, match=r"a\.csv: 4 records .* but Postgres holds 5"):
        _cheat(settings, file)
    assert ask("SELECT count(*) FROM trading_operations") == [(0,)]
    assert ask("SELECT count(*) FROM ledger") == [(0,)]


def _cheat(settings: Settings, file: Path) -> None:
    with open_run(settings, run_id="cheats") as run:
        land_files(run, discover(settings, [file], user="u1"))
        for step in STEPS:
            step(run)
        _lose_one(run.staging / "ledger-deduplicate.json")
        publish(run)


def _lose_one(path: Path) -> None:
    lines = json.loads(path.read_text(encoding="utf-8"))
    lines[0]["records"]["passed"] -= 1
    path.write_text(json.dumps(lines), encoding="utf-8")


def test_another_database_is_refused_before_the_lake_is_touched(
    settings: Settings, land: Land, run: RunFiles, fresh_database: FreshDatabase
) -> None:
    run(land("a.csv", [operation(1)]), user="u1")
    lake = sorted((settings.home / "lake").rglob("*.json"))
    with fresh_database() as other, pytest.raises(RunError, match="published to another database"):
        run_all(replace(settings, postgres_url=other), [])
    assert sorted((settings.home / "lake").rglob("*.json")) == lake


def test_a_month_is_built_again_from_the_lake(settings: Settings, land: Land, run: RunFiles, ask: Ask) -> None:
    run(land("a.csv", [operation(n) for n in range(5)]), user="u1")
    before = ask("SELECT * FROM trading_operations ORDER BY operation_id")
    ask("DELETE FROM trading_operations WHERE exec_id = 'E2' RETURNING 1")
    with open_run(settings, run_id="backfill") as opened:
        result = rebuild(opened, ["2024-03", "2024-04"])
    assert result.partitions == {"2024-03": 5}
    assert ask("SELECT * FROM trading_operations ORDER BY operation_id") == before
    assert ask("SELECT count(*) FROM generations") == [(1,)]


def test_a_run_that_dies_after_its_commit_keeps_what_it_published(
    settings: Settings, land: Land, run: RunFiles, ask: Ask
) -> None:
    first = land("first.csv", [operation(n) for n in range(5)])
    users = land("users.csv", [user("u1")])
    with pytest.raises(_KilledError):
        _until(settings, [users, first], [*STEPS, publish], run_id="dies-late")
    assert ask("SELECT max(generation) FROM generations") == [(1,)]
    summary = run(users, first, land("second.csv", [operation(n) for n in range(3, 9)]))
    assert (summary.published, summary.duplicate) == (4, 8)
    assert ask("SELECT count(*), count(DISTINCT operation_id) FROM trading_operations") == [(9, 9)]
    assert ask("SELECT sum(operations)::int FROM marts.daily_totals") == [(9,)]
