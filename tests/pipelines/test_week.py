"""A week with nobody watching, by Dagster's clock: files come late, twice, broken and not at all, and the machine is
off for a day. Services, runs and files are real; only Dagster's clock is moved."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from dagster._core.test_utils import freeze_time

from nexus_data.alerts.look import known, look
from nexus_data.duties.calendar import DUTIES
from nexus_data.postgres.connect import connection
from nexus_data.settings import Settings
from nexus_data.verify import verify
from pipelines.attention import conditions
from pipelines.catching_up import landing_sweep, overdue_duties
from pipelines.definitions import defs
from pipelines.instance import opened
from pipelines.schedules import SCHEDULES
from tests.pipelines.rows import ANN, OPERATIONS, USERS, operation

_MONDAY = datetime(2030, 3, 4, tzinfo=UTC)


@pytest.fixture
def instance(installation: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("NEXUS_RETENTION", "landing=2d, orchestrator=2d, measurements=never")
    monkeypatch.setenv("NEXUS_REPORT_FORMATS", "html")
    (installation.home / "landing" / "nexus").mkdir(parents=True)
    with opened(installation) as instance:
        yield instance


class _Week:
    """What happens by itself at an instant of Dagster's clock."""

    def __init__(self, settings: Settings, instance: dg.DagsterInstance) -> None:
        self._settings, self._instance = settings, instance
        self.ran: Counter[str] = Counter()

    def land(self, name: str, *lines: str) -> None:
        path = self._settings.home / "landing" / "nexus" / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def tick(self, at: datetime, *, times: int = 1) -> None:
        """All schedules whose time it is; a double tick asks twice before either run is done."""
        with freeze_time(at):
            due = [one for one in SCHEDULES if DUTIES[one.job_name].last_due(at) == at]
            self._run([request for one in due for _ in range(times) for request in self._evaluate(one, at)])

    def _evaluate(self, schedule: dg.ScheduleDefinition, at: datetime) -> Sequence[dg.RunRequest]:
        context = dg.build_schedule_context(instance=self._instance, scheduled_execution_time=at)
        return schedule.evaluate_tick(context).run_requests or ()

    def sense(self, at: datetime) -> int:
        """The sweep, the catching up, and a look for alerts; how many runs that made."""
        with freeze_time(at):
            made = 0
            for sensor in (landing_sweep, overdue_duties):
                context = dg.build_sensor_context(instance=self._instance, definitions=defs)
                requests = sensor.evaluate_tick(context).run_requests or ()
                made += len(requests)
                self._run(requests)
            look(self._settings, given=conditions(self._instance), now=at)
            return made

    def _run(self, requests: Sequence[dg.RunRequest]) -> None:
        for request in requests:
            job = defs.resolve_job_def(request.job_name or "ledger_run")
            job.execute_in_process(instance=self._instance, run_config=request.run_config, tags=request.tags)
            self.ran[job.name] += 1


def test_a_week_by_itself(installation: Settings, instance: dg.DagsterInstance) -> None:
    week = _Week(installation, instance)
    monday, tuesday, wednesday, thursday, friday = (_MONDAY + timedelta(days=day) for day in range(5))

    week.land("users.csv", USERS, ANN)
    mondays = (operation("E1", "2030-03-04T08:00:00Z"), operation("E2", "2030-03-04T09:00:00Z"))
    week.land("mon.csv", OPERATIONS, *mondays)
    assert week.sense(monday + timedelta(hours=9)) == 1 + len(DUTIES), "its files, and all that was never done before"
    assert week.sense(monday + timedelta(hours=9, minutes=5)) == 0

    # Tuesday: no file at all; two schedulers tick.
    week.tick(tuesday + timedelta(minutes=5), times=2)
    week.tick(tuesday + timedelta(hours=2, minutes=30), times=2)

    # Wednesday: the machine is off. Thursday: Tuesday's file comes late, Monday's a second time, and one broken.
    week.land("tue.csv", OPERATIONS, operation("E3", "2030-03-05T08:00:00Z"), operation("E4", "2030-03-32T08:00:00Z"))
    week.land("mon-again.csv", OPERATIONS, *mondays)
    week.land("odd.csv", "no,contract,knows", "these,three,columns")
    at = thursday + timedelta(hours=9)
    daily = sum(one.every in ("hour", "day") for one in DUTIES.values())
    assert week.sense(at) == 1 + daily, "what was missed is caught up once, not once a missed day"
    assert week.sense(at + timedelta(minutes=5)) == 0
    assert known(installation), "somebody is told of what was rejected and held"

    # Friday: a quiet night.
    week.tick(friday + timedelta(hours=2, minutes=30))

    assert wednesday.strftime("%Y-%m-%d") not in {period for duty, period in _duties(installation)}
    counted = Counter(duty for duty, _ in _duties(installation))
    assert counted["cleanup"] == 4, "Monday, Tuesday, Thursday and Friday, each once"
    assert week.ran["ledger_run"] == 2
    report = verify(installation)
    assert report.differences == ()
    with connection(installation.postgres_url or "") as database:
        balance = "SELECT sum(records_in), sum(passed + rejected + duplicate + superseded + skipped + held) FROM ledger"
        came, became = database.execute(balance).fetchone() or (0, 1)
        assert came == became
        assert database.execute("SELECT count(*) FROM trading_operations").fetchone() == (3,)
    fired = Counter((one.kind, one.subject) for one in known(installation, open_only=False))
    assert set(fired.values()) == {1}, "each alert once, however often it was looked for"
    assert list((installation.home / "landing" / "nexus").iterdir()) == [], "what is kept by content lands no more"
    assert instance.get_runs_count() < sum(week.ran.values()), "old runs are gone"


def _duties(settings: Settings) -> list[tuple[str, str]]:
    with connection(settings.postgres_url or "") as database:
        return database.execute("SELECT duty, period FROM duties ORDER BY 1, 2").fetchall()
