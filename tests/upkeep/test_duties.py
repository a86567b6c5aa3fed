"""Duties: due when their cron says, done once a period whoever asks how often."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from time import sleep

import pytest
from dagster._utils.schedules import schedule_execution_time_iterator
from hypothesis import given
from hypothesis import strategies as st

from nexus_data.duties.calendar import CLEANUP, DUTIES, REFRESH_MARTS, VERIFY_ALL, VERIFY_CHANGES, Duty
from nexus_data.duties.perform import perform, undone
from nexus_data.errors import SettingError
from nexus_data.settings import Settings

_INSTANTS = st.datetimes(datetime(1999, 12, 1), datetime(2040, 1, 1), timezones=st.just(UTC))


@given(duty=st.sampled_from(list(DUTIES.values())), now=_INSTANTS)
def test_a_duty_is_due_when_its_cron_says(duty: Duty, now: datetime) -> None:
    due = duty.last_due(now)
    ticks = schedule_execution_time_iterator(due.timestamp(), duty.cron, "UTC")
    assert next(ticks) == due, "it is a tick"
    following = next(ticks)
    assert due <= now < following
    assert duty.period(due) == duty.period(now) == duty.period(following - timedelta(seconds=1))
    assert duty.period(following) > duty.period(now)


def test_periods_have_the_names_that_people_know() -> None:
    at = datetime(2024, 12, 31, 12, 30, tzinfo=UTC)
    assert VERIFY_CHANGES.period(at) == "2024-12-31T12"
    assert CLEANUP.period(at) == "2024-12-31"
    assert CLEANUP.period(at.replace(hour=1)) == "2024-12-30"
    assert VERIFY_ALL.period(at) == "2025-W01"


def test_of_two_at_once_one_does_it(settings: Settings) -> None:
    done: list[str] = []

    def act() -> str:
        done.append("once")
        sleep(0.2)
        return "swept"

    with ThreadPoolExecutor(2) as pool:
        both = [
            pool.submit(perform, settings, CLEANUP, period="2025-03-01", run_id=run, act=act) for run in ("r1", "r2")
        ]
        assert sorted(one.result() for one in both) == ["done before: swept", "swept"]
    assert done == ["once"]
    assert perform(settings, CLEANUP, period="2025-03-02", run_id="r3", act=act) == "swept"
    assert perform(settings, REFRESH_MARTS, period="2025-03-02", run_id="r4", act=act) == "swept"


def test_what_fails_is_not_done(settings: Settings) -> None:
    def fail() -> str:
        raise SettingError("no")

    with pytest.raises(SettingError):
        perform(settings, CLEANUP, period="2025-03-01", run_id="r1", act=fail)
    assert perform(settings, CLEANUP, period="2025-03-01", run_id="r2", act=lambda: "swept") == "swept"


def test_an_installation_without_a_generation_has_no_duties(settings: Settings) -> None:
    assert undone(settings, now=datetime(2025, 3, 1, tzinfo=UTC), names=list(DUTIES)) == []


@pytest.mark.parametrize("text", ["nothing", "cleanup, reprots"])
def test_only_what_is_scheduled_can_be_switched_off(text: str) -> None:
    with pytest.raises(SettingError, match="is none of"):
        Settings.from_env({"NEXUS_SCHEDULES_OFF": text})
    assert Settings.from_env({"NEXUS_SCHEDULES_OFF": "cleanup, landing"}).schedules_off == {"cleanup", "landing"}


@pytest.mark.parametrize("text", ["operations=1m", "landing=0d", "landing=1", "landing=1w"])
def test_a_retention_that_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="NEXUS_RETENTION"):
        Settings.from_env({"NEXUS_RETENTION": text})
