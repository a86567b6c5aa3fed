"""What starts runs by itself: new files in the landing folder. Which files those are, the library finds."""

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import dagster as dg

from nexus_data.settings import Settings
from pipelines.assets.raw import Landed
from pipelines.attention import conditions
from pipelines.jobs import ledger_run
from pipelines.liveness import bury_dead_runs

if TYPE_CHECKING:
    from nexus_data.arrivals import Arrival

# A step finds the earlier ones' work only in its own run, so a second try is one of all steps.
_AGAIN = {"dagster/max_retries": "2", "dagster/retry_strategy": "ALL_STEPS"}


@dg.sensor(
    target=ledger_run,
    minimum_interval_seconds=15,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="New contents under <home>/landing/<source>/<user>/ that have settled: one run for those of a look.",
)
def landing_folder(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    from nexus_data.arrivals import arrivals

    settings = Settings.from_env()
    if "landing" in settings.schedules_off:
        return dg.SkipReason("NEXUS_SCHEDULES_OFF names landing")
    bury_dead_runs(settings, context.instance)
    found = arrivals(settings, json.loads(context.cursor or "{}"))
    if not found.new:
        context.update_cursor(json.dumps(found.seen))
        return dg.SkipReason(f"no new content has settled in {settings.home / 'landing'}")
    return dg.SensorResult(run_requests=[landing_request(found.new)], cursor=json.dumps(found.seen))


def landing_request(new: "Sequence[Arrival]") -> dg.RunRequest:
    """A run for all of them, because records of files that arrive together refer to each other."""
    contents = sorted({f"{one.sha256} {one.user}" for one in new})
    return dg.RunRequest(
        run_key=hashlib.sha256("\n".join(contents).encode()).hexdigest(),
        run_config=dg.RunConfig(ops={"raw_files": Landed(paths=[str(one.path) for one in new])}),
        tags={"nexus/files": str(len(new)), **_AGAIN},
    )


@dg.sensor(
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Looks for what deserves attention: alerts are fired once, resolved once, and sent to NEXUS_NOTIFY.",
)
def alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    from nexus_data.alerts.look import look

    found = look(Settings.from_env(), given=conditions(context.instance))
    told = f"{len(found.fired)} fired, {len(found.resolved)} resolved, {found.open} open"
    return dg.SkipReason(f"{told}, {found.undelivered} messages undelivered")
