"""Seven days with nobody watching, by Dagster's clock: files come late, twice, broken and not at all, and the machine
is off for a day. Services, runs and files are real; only Dagster's clock is moved, and with it when files landed and
reports were written, as the database has it."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import dagster as dg
import pytest
from dagster._core.test_utils import freeze_time

from nexus_data.alerts.look import known, look
from nexus_data.duties.calendar import DUTIES
from nexus_data.postgres.connect import connection
from nexus_data.quarantine.replay import replay
from nexus_data.quarantine.request import ReplayRequest
from nexus_data.quarantine.selection import Selection
from nexus_data.settings import Settings
from nexus_data.verify import verify
from pipelines.attention import conditions
from pipelines.catching_up import landing_sweep, overdue_duties
from pipelines.definitions import defs
from pipelines.instance import opened
from pipelines.schedules import SCHEDULES
from tests.alerts.sinks import Webhook, webhook
from tests.pipelines.rows import ANN, OPERATIONS, USERS, operation

_MONDAY = datetime(2030, 3, 4, tzinfo=UTC)
_DAY = timedelta(days=1)
_ALIKE = 4
"""Days on which the same comes in, which is one more than retention keeps of what is no evidence."""
_BEFORE = 4
"""Days before Monday on which a file came each: the rhythm by which a source is late."""


@pytest.fixture
def instance(installation: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("NEXUS_RETENTION", "landing=2d, orchestrator=2d, measurements=never")
    monkeypatch.setenv("NEXUS_REPORT_FORMATS", "html")
    with opened(installation) as instance:
        yield instance


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    """Where alerts and reports are sent."""
    with webhook() as sink:
        monkeypatch.setenv("NEXUS_NOTIFY", sink.url)
        yield sink


class _Week:
    """What happens by itself at an instant of Dagster's clock."""

    def __init__(self, settings: Settings, instance: dg.DagsterInstance) -> None:
        self._settings, self._instance = settings, instance
        self.ran: Counter[str] = Counter()

    def land(self, name: str, *lines: str, folder: str = "nexus") -> None:
        path = self._settings.home / "landing" / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def tick(self, at: datetime, *, times: int = 1) -> None:
        """All schedules whose time it is; a double tick asks twice before either run is done."""
        with freeze_time(at):
            due = [one for one in SCHEDULES if DUTIES[one.job_name].last_due(at) == at]
            self._run([request for one in due for _ in range(times) for request in self._evaluate(one, at)])
        self._date(at)

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
                self._date(at)
            look(Settings.from_env(), given=conditions(self._instance), now=at)
            return made

    def _date(self, at: datetime) -> None:
        """What was written down just now was written at that instant; files of before by the days in their names."""
        with connection(self._settings.postgres_url or "") as database:
            database.execute("UPDATE reports SET created_at = %s WHERE created_at < '2030-01-01'", (at,))
            days = "coalesce(substring(name FROM 'before-(.)'), '0')::integer * interval '1 day'"
            database.execute("UPDATE sizes SET measured_at = %s WHERE measured_at < '2030-01-01'", (at,))
            landed = f"UPDATE files SET landed_at = %s - {days} WHERE landed_at < '2030-01-01'"  # noqa: S608
            database.execute(landed.encode(), (at,))

    def _run(self, requests: Sequence[dg.RunRequest]) -> None:
        for request in requests:
            job = defs.resolve_job_def(request.job_name or "ledger_run")
            job.execute_in_process(instance=self._instance, run_config=request.run_config, tags=request.tags)
            self.ran[job.name] += 1


def test_a_week_by_itself(
    installation: Settings, instance: dg.DagsterInstance, told: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    week = _Week(installation, instance)
    monday, tuesday, thursday, friday, sunday, next_monday = (_MONDAY + day * _DAY for day in (0, 1, 3, 4, 6, 7))

    week.land("users.csv", USERS, ANN)
    for day in range(_BEFORE, 0, -1):
        week.land(f"before-{day}.csv", OPERATIONS, operation(f"B{day}", f"{monday - day * _DAY:%Y-%m-%d}T08:00:00Z"))
    mondays = (operation("E1", "2030-03-04T08:00:00Z"), operation("E2", "2030-03-04T09:00:00Z"))
    week.land("mon.csv", OPERATIONS, *mondays)
    assert week.sense(monday + timedelta(hours=9)) == 1 + len(DUTIES), "its files, and all that was never done before"
    assert week.sense(monday + timedelta(hours=9, minutes=5)) == 0

    # Tuesday: no file at all; two schedulers tick.
    for hour, minute in ((0, 5), (2, 30), (5, 30)):
        week.tick(tuesday + timedelta(hours=hour, minutes=minute), times=2)

    # Wednesday: the machine is off. Thursday: Tuesday's file comes late, with a record of no day, Monday's a second
    # time, and one in the folder of another source, whose contracts cannot read it.
    week.land("tue.csv", OPERATIONS, operation("E3", "2030-03-05T08:00:00Z"), operation("E4", "2030-03-32T08:00:00Z"))
    week.land("mon-again.csv", OPERATIONS, *mondays)
    week.land("astray.csv", OPERATIONS, operation("E5", "2030-03-06T08:00:00Z"), folder="rabobank")
    daily = sum(one.every in ("hour", "day") for one in DUTIES.values())
    assert week.sense(thursday + timedelta(hours=9)) == 1 + daily, "what was missed is caught up once, not once a day"
    assert week.sense(thursday + timedelta(hours=9, minutes=5)) == 0
    assert _open(installation) == {"rejected_share", "files_held"}

    # Friday: the night's duties, a good file, and somebody says whose contracts read the one that was held.
    _night(week, friday)
    week.land("fri.csv", OPERATIONS, operation("E6", "2030-03-08T08:00:00Z"))
    replay(Settings.from_env(), ReplayRequest(Selection(source="nexus"), held=True))
    week.sense(friday + timedelta(hours=9))
    assert _open(installation) == set()

    # The weekend: nothing comes, which is late for what came daily; it comes on Monday.
    _night(week, friday + _DAY)
    _night(week, sunday)
    week.sense(next_monday + timedelta(hours=12, minutes=30))
    assert _open(installation) == {"source_late"}
    week.land("sun.csv", OPERATIONS, operation("E7", "2030-03-10T08:00:00Z"))
    week.sense(next_monday + timedelta(hours=13, minutes=30))
    assert _open(installation) == set()
    week.tick(next_monday + _DAY + timedelta(minutes=5))
    week.tick(next_monday + _DAY + timedelta(hours=2, minutes=30))
    _demand_balance(installation)
    _demand_duties(installation, week)
    _demand_alerts_told(installation, told)
    _demand_reports(installation)
    assert list((installation.home / "landing").rglob("*.csv")) == [], "what is kept by content lands no more"
    assert instance.get_runs_count() < sum(week.ran.values()), "old runs are gone"
    assert list((installation.home / "staging").iterdir()) == []

    monkeypatch.setenv("NEXUS_RETENTION", "landing=2d, orchestrator=2d, reports=2d, measurements=never")
    _days_alike(week, next_monday + _DAY)
    _demand_bounded(installation)


def _days_alike(week: _Week, last: datetime) -> None:
    """Some days on which the same comes in and the same is done."""
    for _ in range(_ALIKE):
        last += _DAY
        _night(week, last)
        week.land(f"{last:%m-%d}.csv", OPERATIONS, operation(f"D{last:%j}", f"{last:%Y-%m-%d}T08:00:00Z"))
        week.sense(last + timedelta(hours=9))


def _night(week: _Week, day: datetime) -> None:
    for hour, minute in ((2, 30), (3, 0), (5, 30)):
        week.tick(day + timedelta(hours=hour, minutes=minute))


def _open(settings: Settings) -> set[str]:
    return {one.kind for one in known(settings)}


def _demand_balance(settings: Settings) -> None:
    assert verify(settings).differences == ()
    with connection(settings.postgres_url or "") as database:
        balance = "SELECT sum(records_in), sum(passed + rejected + duplicate + superseded + skipped + held) FROM ledger"
        came, became = database.execute(balance).fetchone() or (0, 1)
        assert came == became
        # Four before, two on Monday, one each of Tuesday, Wednesday, Friday and Sunday.
        assert database.execute("SELECT count(*) FROM trading_operations").fetchone() == (_BEFORE + 2 + 4,)


def _demand_duties(settings: Settings, week: _Week) -> None:
    done = _rows(settings, "SELECT duty, period FROM duties")
    assert "2030-03-06" not in {period for _, period in done}, "Wednesday's were caught up as Thursday's"
    counted = Counter(duty for duty, _ in done)
    assert counted["cleanup"] == 8, "each day but Wednesday, and the two after, each once"
    assert week.ran["cleanup"] == 9, "two schedulers asked on Tuesday"
    assert (counted["verify_all"], counted["weekly_reports"], counted["monthly_reports"]) == (2, 2, 1)


def _demand_alerts_told(settings: Settings, told: Webhook) -> None:
    """Each alert fired once and was resolved, in the book and where it was sent."""
    every = known(settings, open_only=False)
    assert Counter(one.kind for one in every) == {"rejected_share": 1, "files_held": 1, "source_late": 1}
    assert all(one.resolved_at for one in every)
    titles = Counter(title for title in told.titles() if not title.startswith("NEXUS report"))
    assert set(titles.values()) == {1}
    assert len([title for title in titles if title.startswith("NEXUS resolved")]) == len(titles) / 2 == len(every)


def _demand_reports(settings: Settings) -> None:
    """One of each day, Wednesday's too, of both weeks that ended, and of the month that did; the bytes as noted."""
    days = {f"{_MONDAY + day * _DAY:%Y-%m-%d}" for day in range(-1, 7)}
    noted = _rows(settings, "SELECT period, path, sha256 FROM reports")
    assert {period for period, *_ in noted} == {*days, "2030-W09", "2030-W10", "2030-02"}
    for _, path, sha256 in noted:
        assert hashlib.sha256((settings.home / path).read_bytes()).hexdigest() == sha256


_KIB = 1024
_GROWTH = {
    # Evidence grows by what came in: a file of a record, its row in a file of the lake and in a commit (and every ten
    # commits a checkpoint), a line in tables, of which Postgres takes pages of 8 KiB.
    "raw": _KIB,
    "lake/trading_operations": 32 * _KIB,
    "lake/users": 0,
    "database": 256 * _KIB,
    # The rest is as large as the days that are kept: a report is 75 KiB, and a night may write one more than it lets
    # go; the runs of a day are 6 MiB.
    "landing": 0,
    "staging": 0,
    "reports": 96 * _KIB,
    "dagster": 512 * _KIB,
}
"""How much larger each may be after one day more, in bytes."""
_TABLE = 64 * _KIB
"""How much larger any table may be."""


def _demand_bounded(settings: Settings) -> None:
    """By the sizes that maintenance notes: what a day adds once days are alike, each store below its bound."""
    statement = "SELECT kind, name, array_agg(bytes ORDER BY measured_at DESC) FROM sizes GROUP BY kind, name"
    measured = {
        "database" if kind == "database" else name: (sizes, _TABLE if kind == "table" else None)
        for kind, name, sizes in _rows(settings, statement)
    }
    assert set(_GROWTH) <= set(measured), "all of them are measured"
    # What grows, grows every day; what a vacuum was early or late for, or a file that came to its next page, once.
    grown = {name: min(int(a) - int(b) for a, b in pairwise(sizes[:3])) for name, (sizes, _) in measured.items()}
    beyond = {name: grown[name] for name, (_, most) in measured.items() if grown[name] > _GROWTH.get(name, most or 0)}
    assert beyond == {}


def _rows(settings: Settings, statement: str) -> list[tuple[Any, ...]]:
    with connection(settings.postgres_url or "") as database:
        return database.execute(statement.encode()).fetchall()
