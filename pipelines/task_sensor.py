"""What starts, follows and ends the runs of background tasks. Each look repeats what a killed one may have left out."""

from typing import TYPE_CHECKING

import dagster as dg

from nexus_data.errors import NexusError
from nexus_data.settings import Settings
from pipelines.background import JOBS, cancelled, newest_runs, refused, request, standing
from pipelines.liveness import bury_dead_runs

if TYPE_CHECKING:
    from nexus_data.background.following import OpenTask, Standing


@dg.sensor(
    jobs=JOBS,
    minimum_interval_seconds=5,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tasks asked for through the API: each gets one run, which is followed to its end, or ended on demand.",
)
def background_tasks(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    from nexus_data.background.following import note, open_tasks

    settings = Settings.from_env()
    tasks = open_tasks(settings)
    _sweep(settings, tasks)
    if not tasks:
        return dg.SkipReason("no background task is open")
    bury_dead_runs(settings, context.instance)
    requests, standings = _looked(settings, context.instance, tasks)
    note(settings, standings)
    return dg.SensorResult(run_requests=requests)


def _looked(
    settings: Settings, instance: dg.DagsterInstance, tasks: "tuple[OpenTask, ...]"
) -> "tuple[list[dg.RunRequest], list[Standing]]":
    runs = newest_runs(instance, tasks)
    requests: list[dg.RunRequest] = []
    standings: list[Standing] = []
    for task in tasks:
        if record := runs.get(task.task_id):
            standings.append(_followed(settings, instance, task, record))
        elif task.cancel:
            standings.append(cancelled(task))
        else:
            try:
                requests.append(request(settings, task))
            except NexusError as error:
                standings.append(refused(task, error))
    return requests, standings


def _followed(settings: Settings, instance: dg.DagsterInstance, task: "OpenTask", record: dg.RunRecord) -> "Standing":
    run = record.dagster_run
    if task.cancel and not run.is_finished and run.status is not dg.DagsterRunStatus.CANCELING:
        instance.run_coordinator.cancel_run(run.run_id)
        record = instance.get_run_record_by_id(run.run_id) or record
    return standing(settings, instance, task, record)


def _sweep(settings: Settings, tasks: "tuple[OpenTask, ...]") -> None:
    from nexus_data.background.uploads import sweep

    sweep(settings.home, wanted={upload for task in tasks for upload in task.parameters.get("uploads", ())})
