"""Regular duties as jobs: an op each, which does its duty once a period. When they run is in schedules and sensors."""

from collections.abc import Callable
from functools import partial

import dagster as dg
from pydantic import Field

from nexus_data.duties.calendar import (
    CLEANUP,
    DUTIES,
    MAINTENANCE,
    REFRESH_MARTS,
    REPORTS,
    VERIFY_ALL,
    VERIFY_CHANGES,
    Duty,
)
from nexus_data.settings import Settings
from pipelines.liveness import alive

PERIOD_TAG = "nexus/duty_period"


class DutyPeriod(dg.Config):
    """Which period's duty is done."""

    period: str = Field(description="2025-03-01T14, 2025-03-01, 2025-W09 or 2025-03; what is done is not done again")


def _cleanup(settings: Settings, run_id: str, _period: str) -> str:
    from pipelines.upkeep import clean

    done = clean(settings, run_id=run_id)
    size = sum(one.bytes for one in done.removed)
    return f"{len(done.removed)} things removed ({size} bytes), {len(done.refused)} refused"


def _refresh_marts(settings: Settings, run_id: str, _period: str) -> str:
    from nexus_data.duties.acts import refresh_marts

    return refresh_marts(settings, run_id=run_id)


def _maintenance(settings: Settings, run_id: str, _period: str) -> str:
    from nexus_data.duties.acts import maintenance

    return maintenance(settings, run_id=run_id)


def _verify_changes(settings: Settings, _run_id: str, _period: str) -> str:
    from nexus_data.duties.acts import verify_changes

    return verify_changes(settings)


def _verify_all(settings: Settings, _run_id: str, _period: str) -> str:
    from nexus_data.duties.acts import verify_all

    return verify_all(settings)


def _reports(duty: Duty) -> Callable[[Settings, str, str], str]:
    def act(settings: Settings, _run_id: str, period: str) -> str:
        from nexus_data.duties.acts import reports

        return reports(settings, duty, period=period)

    return act


_ACTS = {
    **{duty.name: _reports(duty) for duty in REPORTS},
    CLEANUP.name: _cleanup,
    REFRESH_MARTS.name: _refresh_marts,
    MAINTENANCE.name: _maintenance,
    VERIFY_CHANGES.name: _verify_changes,
    VERIFY_ALL.name: _verify_all,
}


def _job(duty: Duty, act: Callable[[Settings, str, str], str]) -> dg.JobDefinition:
    @dg.op(name=f"do_{duty.name}", description=duty.doc, out=dg.Out(str))
    def do(context: dg.OpExecutionContext, config: DutyPeriod) -> dg.Output[str]:
        from nexus_data.duties.perform import perform

        settings = Settings.from_env()
        with alive(settings, context.run_id):
            do_it = partial(act, settings, context.run_id, config.period)
            outcome = perform(settings, duty, period=config.period, run_id=context.run_id, act=do_it)
        context.log.info(outcome)
        return dg.Output(outcome, metadata={"outcome": outcome, "period": config.period})

    @dg.graph(name=f"{duty.name}_graph")
    def whole() -> None:
        do()

    return whole.to_job(name=duty.name, description=duty.doc, executor_def=dg.in_process_executor)


JOBS = {name: _job(DUTIES[name], act) for name, act in _ACTS.items()}
"""The job of each duty, by its name."""


def duty_request(duty: Duty, period: str, *, key: str = "") -> dg.RunRequest:
    """A run that does the duty. key: what tells a second try from the first."""
    config = dg.RunConfig(ops={f"do_{duty.name}": DutyPeriod(period=period)})
    return dg.RunRequest(
        run_key=f"{duty.name} {period}{key}", job_name=duty.name, run_config=config, tags={PERIOD_TAG: period}
    )
