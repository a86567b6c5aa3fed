"""Schedules and sensors: all on, each with a switch."""

from datetime import UTC, datetime

import dagster as dg
import pytest

from nexus_data.duties.calendar import DUTIES
from pipelines.catching_up import landing_sweep
from pipelines.definitions import defs
from pipelines.schedules import SCHEDULES
from pipelines.sensors import landing_folder


def test_everything_is_on_and_every_duty_has_a_job_and_a_schedule() -> None:
    repository = defs.get_repository_def()
    assert {one.job_name for one in repository.schedule_defs} == set(DUTIES)
    assert {one.default_status for one in repository.schedule_defs} == {dg.DefaultScheduleStatus.RUNNING}
    assert {one.default_status for one in repository.sensor_defs} == {dg.DefaultSensorStatus.RUNNING}
    assert all(repository.has_job(name) for name in DUTIES)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda one: one.name)
def test_a_duty_is_switched_off_by_its_name(schedule: dg.ScheduleDefinition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUS_SCHEDULES_OFF", schedule.job_name)
    context = dg.build_schedule_context(scheduled_execution_time=datetime(2030, 3, 4, 4, 0, tzinfo=UTC))
    assert schedule.job_name in (schedule.evaluate_tick(context).skip_message or "")


@pytest.mark.parametrize(("sensor", "name"), [(landing_folder, "landing"), (landing_sweep, "landing_sweep")])
def test_a_sensor_is_switched_off_by_its_name(
    sensor: dg.SensorDefinition, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXUS_SCHEDULES_OFF", name)
    with dg.instance_for_test() as instance:
        found = sensor.evaluate_tick(dg.build_sensor_context(instance=instance, definitions=defs))
    assert found.skip_message == f"NEXUS_SCHEDULES_OFF names {name}"
