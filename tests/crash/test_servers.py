"""kill -9 of Postgres, of its backends and of Valkey at steps of a run: it says so, and the next makes it good."""

import os
import signal
import time
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from nexus_data.services import running, watchdog
from nexus_data.services.layout import prepare
from nexus_data.settings import Settings
from tests.crash.installations import Installation, Installations
from tests.crash.readers import asking
from tests.crash.scenes import FIRST, MANY, SECOND, Step
from tests.crash.test_kill import problems_of

_WAIT_SECONDS = 300


def _end(what: str, here: Installation, settings: Settings) -> None:
    layout = prepare(settings.home)
    if what == "valkey":
        victims = list(watchdog.processes(layout.valkey_marker, uid=layout.account.uid))
    elif what == "postmaster":
        victims = watchdog.postmasters(watchdog.processes(layout.postgres_marker, uid=layout.account.uid))
    else:
        victims = _backends(here)
    assert victims, f"no {what} to kill"
    watchdog.signal_all(victims, signal.SIGKILL)


def _backends(here: Installation) -> list[int]:
    """Those of the run: they hold a transaction, or the writer's lock."""
    statement = """
        SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'nexus' AND xact_start IS NOT NULL
            AND pid <> pg_backend_pid()
    """
    with psycopg.connect(here.services.postgres_url) as server:
        return [row[0] for row in server.execute(statement).fetchall()]


def _until_back(settings: Settings, here: Installation) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    with running(settings):
        while True:
            try:
                psycopg.connect(here.services.postgres_url, connect_timeout=5).close()
            except psycopg.OperationalError:  # it recovers from its log
                assert time.monotonic() < deadline, "Postgres does not come back"
                time.sleep(0.1)
            else:
                return


@pytest.mark.parametrize(
    ("what", "step", "moment"),
    [
        ("postmaster", SECOND, "nexus_data.publish.operations._demand_equal call 1"),
        ("backend", MANY, "nexus_data.publish.operations.attach return 1"),
        ("valkey", SECOND, "nexus_data.cache.refresh call 1"),
    ],
)
def test_a_server_is_killed(
    what: str, step: Step, moment: str, installations: Installations, server_settings: Settings, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    with installations.at(FIRST) as here:

        def end(_process: int) -> None:
            _end(what, here, server_settings)
            go.touch()

        with Redis.from_url(here.services.redis_url) as cache:
            # A killed Valkey comes back with its last snapshot, which else may be of another test's installation.
            cache.save()
        with asking(here.services) as answers:
            ended = installations.zygote.carry_out(here.job(step, moment=moment, act="wait", go=str(go)), meanwhile=end)
            assert ended.reached
            _until_back(server_settings, here)
            again = installations.zygote.carry_out(here.job(step))
        assert _told(what, ended.error, ended.summary)
        assert again.error is None
        assert again.summary
        assert again.summary["cache"] == "current"
        assert problems_of(installations, here, (FIRST, step), answers) == []


def _told(what: str, error: str | None, summary: dict[str, object] | None) -> bool:
    """Without Postgres a run ends with a ServiceError; without its cache it publishes, and says that it is behind."""
    if what == "valkey":
        return error is None and summary is not None and str(summary["cache"]).startswith("behind")
    return error is not None and error.startswith("ServiceError: Postgres, ") and os.linesep not in error
