"""What can be made again goes when its time has come, and nothing else does."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import redis

from nexus_data import cleanup, holds
from nexus_data.cleanup.step import Cleaned
from nexus_data.holds import Scope
from nexus_data.postgres.connect import connection
from nexus_data.results import RunSummary
from nexus_data.runs import open_run
from nexus_data.settings import Settings
from tests.upkeep.conftest import Ask, demand_clean, keeping, line

Take = Callable[..., RunSummary]

_TASK = (
    "INSERT INTO background_tasks (task_id, user_id, type, status, priority, idempotency_key, request_sha256, "
    "created_at, finished_at, updated_at) VALUES (%s, %s, 'process_dataset', %s, 'normal', %s, 'x', %s, %s, %s)"
)


def _gone(done: Cleaned) -> set[tuple[str, str, int]]:
    return {(one.kind, one.item, one.records) for one in done.removed}


def test_leftovers_go_and_the_installation_stays_as_it_is(settings: Settings, take: Take, ask: Ask) -> None:
    take(ann=[line(1, "2024-03-05")])
    orphan = settings.home / "lake" / "trading_operations" / "month=2024-03" / "dead-000001.parquet"
    orphan.write_bytes(b"x" * 10)
    os.utime(orphan, (0, 0))
    (settings.home / "staging" / "dead-run").mkdir()
    (settings.home / "staging" / "dead-run" / "part").write_bytes(b"x" * 20)
    with redis.Redis.from_url(settings.redis_url or "") as cache:
        cache.set("nexus:0:dashboard:ann:dead", "{}")
        current = set(cache.scan_iter("nexus:1:*"))

        planned = cleanup.plan(settings)
        assert orphan.exists()
        done = cleanup.clean(settings)
        assert (
            _gone(done)
            == _gone(planned)
            == {
                ("lake_history", "trading_operations", 1),
                ("staging", "dead-run", 1),
                ("cache", "generation 0", 1),
            }
        )
        assert sum(one.bytes for one in done.removed) == 30
        assert set(cache.scan_iter("nexus:*", _type="string")) == current
    assert not orphan.exists()
    assert done.generation == 0, "readers see what they saw"
    assert ask("SELECT DISTINCT state FROM cleanups") == [("done",)]
    assert cleanup.clean(settings).removed == ()
    assert demand_clean(settings) == ()
    with open_run(settings, run_id="alive"):
        assert (settings.home / "staging" / "alive").exists()
        assert cleanup.plan(settings).removed == (), "a run that is under way has left nothing"


def test_a_landed_file_goes_only_when_its_bytes_are_kept(settings: Settings) -> None:
    from nexus_data.landing import discover
    from nexus_data.pipeline import run_all

    landing = settings.home / "landing" / "nexus" / "ann"
    landing.mkdir(parents=True)
    users = "user_id,email,display_name,primary_pov_role,status,created_at\nann,a@example.org,Ann,auditor,active,\n"
    (landing / "users.csv").write_text(users)
    run_all(settings, discover(settings))
    (landing / "new.csv").write_text("never,taken,in\n")
    (landing.parent / "bob").mkdir()
    (landing.parent / "bob" / "users.csv").write_text(users)

    soon, late = datetime.now(UTC) + timedelta(days=3), datetime.now(UTC) + timedelta(days=20)
    assert cleanup.clean(keeping(settings, "landing=14d"), now=soon).removed == ()
    done = cleanup.clean(keeping(settings, "landing=14d"), now=late)
    assert _gone(done) == {("landing", "nexus/ann/users.csv", 1)}
    left = sorted(path.relative_to(landing.parent).as_posix() for path in landing.parent.rglob("*.csv"))
    assert left == ["ann/new.csv", "bob/users.csv"], "the same bytes of another owner never came in"
    assert _kept(settings.home) == {users}


def _kept(home: Path) -> set[str]:
    return {path.read_text() for path in (home / "raw").glob("??/*")}


def test_ended_tasks_go_but_those_of_users_under_a_hold(settings: Settings, database_url: str, ask: Ask) -> None:
    old, new = datetime.now(UTC) - timedelta(days=500), datetime.now(UTC)
    with connection(database_url) as database:
        for name, user, status, at in (
            ("t1", "ann", "completed", old),
            ("t2", "bob", "failed", old),
            ("t3", "ann", "running", old),
            ("t4", "ann", "completed", new),
        ):
            database.execute(_TASK, (name, user, status, name, at, at, at))
    holds.add(settings, Scope(user="bob"), reason="case 7", made_by="eve")
    assert _gone(cleanup.clean(settings)) == {("tasks", "process_dataset", 1)}
    assert ask("SELECT task_id FROM background_tasks ORDER BY 1") == [("t2",), ("t3",), ("t4",)]


def test_measurements_go_but_the_newest_verification_of_everything(settings: Settings, ask: Ask, take: Take) -> None:
    take(ann=[line(1, "2024-03-05")])
    demand_clean(settings)
    demand_clean(settings)
    far = datetime.now(UTC) + timedelta(days=800)
    assert _gone(cleanup.clean(settings, now=far)) >= {("measurements", "verifications", 1)}
    assert ask("SELECT count(*) FROM verifications") == [(1,)]
