"""What only Dagster knows of what went wrong, as conditions for the library's alerts. Nothing is remembered here."""

from collections.abc import Iterator

import dagster as dg
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from nexus_data.alerts.model import Condition
from pipelines.checks import CHECKS

_RUNS = 1000
"""Failed ones that are looked at."""
_FAILED = (dg.DagsterRunStatus.FAILURE,)
_ENDED = (*_FAILED, dg.DagsterRunStatus.SUCCESS)
_LOOKED_AT = ("rejected_share", "cache_current")
"""The library looks at these itself, also while nothing runs."""


def conditions(instance: dg.DagsterInstance) -> list[Condition]:
    """Jobs whose newest finished run failed, and checks that failed or never came to an end."""
    return [*_failed_jobs(instance), *_failed_checks(instance)]


def _failed_jobs(instance: dg.DagsterInstance) -> Iterator[Condition]:
    failed = instance.get_runs(dg.RunsFilter(statuses=list(_FAILED)), limit=_RUNS)
    for name in dict.fromkeys(run.job_name for run in failed):
        # A job that runs seldom may have failed long before the newest runs of others.
        newest = instance.get_runs(dg.RunsFilter(job_name=name, statuses=list(_ENDED)), limit=1)[0]
        if newest.status in _FAILED:
            seen = f"run {newest.run_id} of {name} failed; the Dagster UI shows why, and runs it again"
            yield Condition("run_failed", name, "critical", seen)


def _failed_checks(instance: dg.DagsterInstance) -> Iterator[Condition]:
    keys = [key for check in CHECKS for key in check.check_keys if key.name not in _LOOKED_AT]
    records = instance.event_log_storage.get_latest_asset_check_execution_by_key(keys)
    for key, record in records.items():
        where = f"{key.asset_key.to_user_string()}: {key.name}"
        if record.status == AssetCheckExecutionRecordStatus.FAILED:
            evaluation = record.event.asset_check_evaluation if record.event else None
            seen = (evaluation.description if evaluation else None) or "it says no more"
            yield Condition("check_failed", where, "critical", f"in run {record.run_id}: {seen}")
        elif record.status == AssetCheckExecutionRecordStatus.PLANNED and _succeeded(instance, record.run_id):
            yield Condition("check_missing", where, "critical", f"run {record.run_id} succeeded without this check")


def _succeeded(instance: dg.DagsterInstance, run_id: str) -> bool:
    """A run that failed is an alert itself: that its checks are missing says nothing more."""
    run = instance.get_run_by_id(run_id)
    return run is not None and run.is_success
