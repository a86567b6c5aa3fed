"""What starts runs by itself: new files in the landing folder. Which files those are, the library finds."""

import json
from typing import TYPE_CHECKING

import dagster as dg

from nexus_data.settings import Settings
from pipelines.assets.raw import Landed
from pipelines.jobs import ledger_run

if TYPE_CHECKING:
    from nexus_data.arrivals import Arrival


@dg.sensor(
    target=ledger_run,
    minimum_interval_seconds=15,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="One run for each new content and owner under <home>/landing/<source>/<user>/, once it has settled.",
)
def landing_folder(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    from nexus_data.arrivals import arrivals

    settings = Settings.from_env()
    found = arrivals(settings, json.loads(context.cursor or "{}"))
    context.update_cursor(json.dumps(found.seen))
    if not found.new:
        return dg.SkipReason(f"no new file has settled in {settings.home / 'landing'}")
    return dg.SensorResult(run_requests=[_request(one) for one in found.new])


def _request(arrival: "Arrival") -> dg.RunRequest:
    landing = arrival.landing
    config = Landed(paths=[str(landing.path)], source=landing.source, user=landing.user)
    owner = f"{landing.source or '-'}/{landing.user or '-'}"
    return dg.RunRequest(
        run_key=f"{arrival.sha256}:{arrival.size}:{owner}",
        run_config=dg.RunConfig(ops={"raw_files": config}),
        tags={"nexus/file": landing.path.name},
    )
