"""Notes of changes that nobody can be told any more, and old reports: what goes, what stays, what breaks off."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nexus_data import cleanup, holds
from nexus_data.cleanup.step import Cleaned
from nexus_data.holds import Scope
from nexus_data.landing import Landing
from nexus_data.pipeline import run_all
from nexus_data.postgres.connect import connection
from nexus_data.report.facts import Subject
from nexus_data.report.period import period
from nexus_data.report.write import Written, write_reports
from nexus_data.results import RunSummary
from nexus_data.settings import Settings
from tests.upkeep.conftest import Ask, demand_clean, keeping, line

Take = Callable[..., RunSummary]

_LATER = datetime.now(UTC) + timedelta(days=900)
_DYING = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from nexus_data import cleanup
from nexus_data.settings import Settings

def die(event, args):
    if event == "os.remove" and str(args[0]).endswith(".html"):
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(die)
cleanup.clean(Settings.from_env(), now=datetime.fromisoformat(sys.argv[1]))
"""


def _of(done: Cleaned, kind: str) -> dict[str, str]:
    return {one.item: one.refused for one in (*done.removed, *done.refused) if one.kind == kind}


@pytest.fixture
def written(settings: Settings, take: Take) -> tuple[Written, ...]:
    """The reports of two users, one of whom is an auditor, and of the auditors."""
    users = "user_id,email,display_name,primary_pov_role,status,created_at"
    path = settings.home / "users.csv"
    path.write_text(f"{users}\nann,a@example.org,Ann,auditor,active,\nbob,b@example.org,Bob,auditor,active,\n")
    run_all(settings, [Landing(path, user=None)])
    take(ann=[line(1, "2024-03-05")])
    subjects = [Subject(user_id="ann"), Subject(user_id="bob"), Subject(role="auditor")]
    return write_reports(settings, period("2024-03"), subjects=subjects, formats=["html"])


def test_old_reports_go_and_the_table_says_what_they_were(
    settings: Settings, written: tuple[Written, ...], ask: Ask
) -> None:
    assert _of(cleanup.clean(settings), "reports") == {}, "they are new"
    held = holds.add(settings, Scope(user="ann"), reason="case 7", made_by="eve")
    paths = [one.path.relative_to(settings.home).as_posix() for one in written]
    planned = _of(cleanup.plan(settings, now=_LATER), "reports")
    assert planned == {paths[0]: "under hold 1: case 7", paths[1]: "", paths[2]: "under hold 1: case 7"}
    assert all(one.path.exists() for one in written)

    assert _of(cleanup.clean(settings, now=_LATER), "reports") == planned
    assert [one.path.exists() for one in written] == [True, False, True]
    assert not written[1].path.parent.exists(), "no empty folder is left"
    gone = ask("SELECT sha256, removed_at IS NOT NULL FROM reports WHERE user_id = 'bob'")
    assert gone == [(written[1].sha256, True)]

    holds.remove(settings, held.hold_id, reason="closed", removed_by="eve")
    assert set(_of(cleanup.clean(keeping(settings, "reports=never"), now=_LATER), "reports")) == set()
    assert set(_of(cleanup.clean(settings, now=_LATER), "reports")) == {paths[0], paths[2]}

    (again,) = write_reports(settings, period("2024-03"), subjects=[Subject(user_id="bob")], formats=["html"])
    assert (again.new, again.path.exists()) == (True, True)
    assert ask("SELECT removed_at FROM reports WHERE user_id = 'bob'") == [(None,)]


def test_a_cleanup_killed_between_file_and_note_is_finished_by_the_next(
    settings: Settings, written: tuple[Written, ...], ask: Ask
) -> None:
    urls = {"NEXUS_POSTGRES_URL": settings.postgres_url or "", "NEXUS_REDIS_URL": settings.redis_url or ""}
    environment = {**os.environ, "NEXUS_HOME": str(settings.home), **urls}
    command = [sys.executable, "-c", _DYING, _LATER.isoformat()]
    killed = subprocess.run(command, env=environment, cwd=Path(__file__).parents[2], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert ask("SELECT DISTINCT state FROM cleanups WHERE kind = 'reports'") == [("intended",)]

    held = holds.add(settings, Scope(user="bob"), reason="case 7", made_by="eve")
    done = cleanup.clean(settings, now=_LATER)
    assert len([one for one in done.finished if one.kind == "reports"]) == 1, "a hold since counts"
    assert [one.path.exists() for one in written] == [False, True, True]
    holds.remove(settings, held.hold_id, reason="closed", removed_by="eve")
    cleanup.clean(settings, now=_LATER)
    assert not any(one.path.exists() for one in written)
    assert ask("SELECT count(*) FROM reports WHERE removed_at IS NULL") == [(0,)]
    assert ask("SELECT DISTINCT state FROM cleanups") == [("done",)]
    assert demand_clean(settings) == ()


def test_changes_go_that_nobody_is_told_of_any_more(
    settings: Settings, take: Take, database_url: str, ask: Ask
) -> None:
    take(ann=[line(1, "2024-03-05")], bob=[line(2, "2024-03-06", user="bob")])
    assert _of(cleanup.plan(settings, now=_LATER), "changes") == {}, "of the newest thousand generations all stays"
    with connection(database_url) as database:
        database.execute(
            "INSERT INTO generations (generation, run_id, committed_at, lake) SELECT n, 'run-' || n, now(), lake "
            "FROM generations CROSS JOIN generate_series(2, 1001) AS n WHERE generation = 1"
        )
    holds.add(settings, Scope(user="bob"), reason="case 7", made_by="eve")
    assert _of(cleanup.plan(settings), "changes") == {}, "it is new"
    done = cleanup.clean(settings, now=_LATER)
    assert [(one.item, one.records) for one in done.removed if one.kind == "changes"] == [("up to generation 1", 2)]
    assert ask("SELECT DISTINCT user_id FROM changes") == [("bob",)]
    assert _of(cleanup.plan(settings, now=_LATER), "changes") == {}
