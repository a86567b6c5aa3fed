"""The runs of background tasks: which run a task gets, and what that says of it. What tasks are, the library says."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from nexus_data.errors import NexusError
from nexus_data.settings import Settings
from pipelines.assets.raw import Landed
from pipelines.jobs import ledger_run
from pipelines.metadata import SUMMARY
from pipelines.task_jobs import RESULT, CleanupRequest, ReportRequest, cleanup_old_data, generate_report

if TYPE_CHECKING:
    from nexus_data.background.following import OpenTask, Standing

Job = dg.JobDefinition | UnresolvedAssetJobDefinition

TASK = "nexus/task"
"""The tag of a task's runs: its id."""

_PRIORITIES = {"low": "-1", "normal": "0", "high": "1"}
# A run whose process died is tried again as a whole; one that failed by itself would only fail again.
_AGAIN = {
    "dagster/max_retries": "2",
    "dagster/retry_strategy": "ALL_STEPS",
    "dagster/retry_on_asset_or_op_failure": "false",
}
_WAITING = (dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING)
_UNDER_WAY = (dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING)
_SAID_WITHIN_SECONDS = 10.0
_DEFECT = "the run failed by a defect; run {} in Dagster has the traceback"


def request(settings: Settings, task: "OpenTask") -> dg.RunRequest:
    """The run that does the task; by its key Dagster makes one only. NexusError says why there can be none."""
    job, configured = _JOBS[task.type]
    config = configured(settings, task)
    return dg.RunRequest(
        run_key=task.task_id,
        job_name=job.name,
        run_config=config,
        tags={TASK: task.task_id, "dagster/priority": _PRIORITIES[task.priority], **_AGAIN},
    )


def _process_dataset(settings: Settings, task: "OpenTask") -> dg.RunConfig:
    from nexus_data.background.following import files

    landed = Landed(
        paths=[str(path) for path in files(settings, task)],
        source=task.parameters.get("source"),
        user=task.user_id,
        confirm_shrink=task.parameters.get("confirm_shrink", False),
    )
    return dg.RunConfig(ops={"raw_files": landed})


def _cleanup_old_data(_settings: Settings, task: "OpenTask") -> dg.RunConfig:
    return dg.RunConfig(ops={"remove_old_data": CleanupRequest(dry_run=task.parameters.get("dry_run", True))})


def _generate_report(_settings: Settings, task: "OpenTask") -> dg.RunConfig:
    asked = task.parameters
    user_id = asked.get("user_id") or (None if asked.get("role") else task.user_id)
    config = ReportRequest(period=asked["period"], formats=asked["formats"], user_id=user_id, role=asked.get("role"))
    return dg.RunConfig(ops={"write_report": config})


_JOBS: dict[str, tuple[Job, Callable[[Settings, "OpenTask"], dg.RunConfig]]] = {
    "process_dataset": (ledger_run, _process_dataset),
    "generate_report": (generate_report, _generate_report),
    "cleanup_old_data": (cleanup_old_data, _cleanup_old_data),
}

JOBS = [job for job, _ in _JOBS.values()]
"""The jobs that do background tasks."""


def newest_runs(instance: dg.DagsterInstance, tasks: Sequence["OpenTask"]) -> dict[str, dg.RunRecord]:
    """The newest run of each task that has one, by task id."""
    if not tasks:
        return {}
    wanted = dg.RunsFilter(tags={TASK: [task.task_id for task in tasks]})
    records = instance.get_run_records(wanted, ascending=True)
    return {record.dagster_run.tags[TASK]: record for record in records}


def standing(settings: Settings, instance: dg.DagsterInstance, task: "OpenTask", record: dg.RunRecord) -> "Standing":
    """Where the task stands, by its newest run."""
    from nexus_data.background.following import Standing

    run = record.dagster_run
    begun = Standing(task.task_id, "running", run_id=run.run_id, started_at=_instant(record.start_time))
    if run.status in _WAITING:
        return replace(begun, status=task.status)
    if run.status in _UNDER_WAY or _comes_again(record):
        return replace(begun, progress=_progress(settings, instance, run))
    ended = replace(begun, finished_at=_instant(record.end_time) or datetime.now(UTC))
    if run.status is dg.DagsterRunStatus.CANCELED:
        return replace(ended, status="cancelled")
    if run.status is dg.DagsterRunStatus.SUCCESS:
        return _completed(instance, ended, run)
    return replace(ended, status="failed", error_message=_reason(instance, run))


def refused(task: "OpenTask", error: NexusError) -> "Standing":
    """A task that no run can be made for."""
    from nexus_data.background.following import Standing

    return Standing(task.task_id, "failed", error_message=str(error), finished_at=datetime.now(UTC))


def cancelled(task: "OpenTask") -> "Standing":
    """A task that was to end before it had a run."""
    from nexus_data.background.following import Standing

    return Standing(task.task_id, "cancelled", finished_at=datetime.now(UTC))


def _comes_again(record: dg.RunRecord) -> bool:
    """Whether a failed run is tried again; Dagster says so a moment after it says that it failed."""
    run = record.dagster_run
    said = run.tags.get("dagster/will_retry")
    fresh = record.end_time is not None and time.time() - record.end_time < _SAID_WITHIN_SECONDS
    return run.status is dg.DagsterRunStatus.FAILURE and (said == "true" or (said is None and fresh))


def _instant(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _progress(settings: Settings, instance: dg.DagsterInstance, run: dg.DagsterRun) -> Decimal:
    """Steps done, and how far the one under way says it has come."""
    from nexus_data.progress import of_run

    done = sum(stats.end_time is not None for stats in instance.get_run_step_stats(run.run_id))
    plan = run.execution_plan_snapshot_id
    total = len(instance.get_execution_plan_snapshot(plan).step_keys_to_execute) if plan else 0
    now = of_run(settings.home, run.run_id)
    share = Decimal(min(now.done, now.total)) / now.total if now and now.total else Decimal(0)
    return round(min((done + share) / total, Decimal(1)) * 100, 1) if total else Decimal(0)


def _completed(instance: dg.DagsterInstance, ended: "Standing", run: dg.DagsterRun) -> "Standing":
    result = _summary(instance, run) if run.job_name == ledger_run.name else _result(instance, run)
    failed = [one for one in result.get("files", []) if one["status"] == "failed"]
    message = "; ".join(f"{one['name']}: {one['reason']}" for one in failed) or None
    status = "failed" if failed else "completed"
    return replace(ended, status=status, progress=Decimal(100), result=result, error_message=message)


def _result(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dict[str, Any]:
    for entry in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_OUTPUT):
        data = entry.dagster_event.event_specific_data if entry.dagster_event else None
        told = getattr(data, "metadata", {}).get(RESULT)
        if told is not None:
            return dict(told.value)
    return {}


def _summary(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dict[str, Any]:
    from nexus_data.background.results import dataset_result

    entries = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
    for entry in entries:
        told = entry.asset_materialization
        if told is not None and SUMMARY in told.metadata:
            return dataset_result(told.metadata[SUMMARY].value)
    return {}


def _reason(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    """The library's own error beneath Dagster's; of any other, where to look: a traceback is not for readers."""
    message: str
    for entry in instance.all_logs(run.run_id, of_type=_FAILURES):
        data = entry.dagster_event.event_specific_data if entry.dagster_event else None
        for error in _chain(getattr(data, "error", None)):
            if error.cls_name in _OURS:
                message = error.message.partition(": ")[2].strip()
                return message
    return _DEFECT.format(run.run_id)


_FAILURES = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.RUN_FAILURE}


def _chain(error: Any) -> Iterable[Any]:
    while error is not None:
        yield error
        error = error.cause or error.context


def _names(of: type[NexusError]) -> set[str]:
    return {of.__name__}.union(*map(_names, of.__subclasses__()))


_OURS = _names(NexusError)
