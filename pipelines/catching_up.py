"""What schedules and the landing sensor missed: while the machine was off, or when a run failed. The data say what."""

import hashlib
import json
from datetime import timedelta

import dagster as dg
from dagster._time import get_current_datetime

from nexus_data.duties.calendar import DUTIES
from nexus_data.settings import Settings
from pipelines.duties import JOBS, PERIOD_TAG, duty_request
from pipelines.jobs import ledger_run
from pipelines.liveness import bury_dead_runs
from pipelines.sensors import landing_request

_GRACE = timedelta(minutes=10)
_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


@dg.sensor(
    jobs=list(JOBS.values()),
    minimum_interval_seconds=300,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Duties of a period that is due since ten minutes and not done: once an hour until they are.",
)
def overdue_duties(context: dg.SensorEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
    from nexus_data.duties.perform import undone

    settings, now = Settings.from_env(), get_current_datetime()
    bury_dead_runs(settings, context.instance)
    names = [name for name in DUTIES if name not in settings.schedules_off]
    late = undone(settings, now=now - _GRACE, names=names)
    under_way = {(run.job_name, run.tags.get(PERIOD_TAG)) for run in _under_way(context.instance)}
    again = f" {now:%Y-%m-%dT%H}"
    wanted = [duty_request(*one, key=again) for one in late if (one[0].name, one[1]) not in under_way]
    return wanted or dg.SkipReason("every duty is done, or under way")


@dg.sensor(
    target=ledger_run,
    minimum_interval_seconds=300,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Settled files in the landing folder that the ledger does not know: once an hour until it does.",
)
def landing_sweep(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    from nexus_data.arrivals import arrivals

    settings, now = Settings.from_env(), get_current_datetime()
    if "landing_sweep" in settings.schedules_off:
        return dg.SkipReason("NEXUS_SCHEDULES_OFF names landing_sweep")
    bury_dead_runs(settings, context.instance)
    if any(run.job_name == ledger_run.name for run in _under_way(context.instance)):
        return dg.SkipReason("a run is under way; what it leaves is found the next time")
    found = arrivals(settings, json.loads(context.cursor or "{}"), now=now.timestamp())
    missed = {str(one.path) for one in found.new}
    # What is not in the ledger is looked at again, whoever has seen it.
    cursor = json.dumps({path: stamp for path, stamp in found.seen.items() if path not in missed})
    if not missed:
        context.update_cursor(cursor)
        return dg.SkipReason("the ledger knows every file that has settled")
    request = landing_request(found.new)
    key = hashlib.sha256(f"{request.run_key} {now:%Y-%m-%dT%H}".encode()).hexdigest()
    return dg.SensorResult(run_requests=[request.with_replaced_attrs(run_key=key)], cursor=cursor)


def _under_way(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    return list(instance.get_runs(dg.RunsFilter(statuses=_UNDER_WAY)))
