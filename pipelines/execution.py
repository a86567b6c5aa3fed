"""Runs `ledger_run` in this process, against the persistent instance, so that it shows in the UI like any other run."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import dagster as dg
import msgspec

from nexus_data.errors import NexusError, RunError
from nexus_data.results import RunSummary
from nexus_data.settings import Settings
from pipelines.assets.raw import Landed, Replayed
from pipelines.instance import opened
from pipelines.liveness import bury_dead_runs
from pipelines.metadata import SUMMARY
from pipelines.resources import OpenRun
from pipelines.way import defs

Watch = Callable[[str, str], None]
"""Called with a step's name and `start`, `success` or `failure`."""

_STATES = {
    dg.DagsterEventType.STEP_START: "start",
    dg.DagsterEventType.STEP_SUCCESS: "success",
    dg.DagsterEventType.STEP_FAILURE: "failure",
}
_INTERRUPTED = "run {} was interrupted; what it had not published is as before, and another run takes it in again"
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_LOCATION = {".dagster/repository": "__repository__@nexus_data"}
"""By this tag the UI lists the run under its job."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to take in: files and folders (none: the landing folder), and whose they are where that is known.

    confirm_shrink: snapshots among them may lack what they lack. replay: run quarantine again instead.
    """

    paths: tuple[Path, ...] = ()
    source: str | None = None
    user: str | None = None
    confirm_shrink: bool = False
    replay: Replayed | None = None


def run_ledger(settings: Settings, request: Request, *, watch: Watch | None = None) -> RunSummary:
    """Run the whole way; NexusError says why it could not, and then nothing of it is published."""
    job = defs.resolve_job_def("ledger_run")
    run_id = str(uuid4())
    with opened(settings) as instance:
        bury_dead_runs(settings, instance)
        if watch:
            instance.add_event_listener(run_id, _listener(watch))
        try:
            result = job.execute_in_process(
                run_config=_run_config(request),
                instance=instance,
                run_id=run_id,
                tags=_LOCATION,
                resources={"open_run": OpenRun(home=str(settings.home))},
            )
        except dg.DagsterExecutionInterruptedError as error:
            raise RunError(_INTERRUPTED.format(run_id)) from error
        except Exception as error:
            raise _reason(error, run_id) from error
        return _summary(result)


def _run_config(request: Request) -> dict[str, Any]:
    landed = Landed(
        # Dagster's other processes have other working directories.
        paths=[str(path.absolute()) for path in request.paths],
        source=request.source,
        user=request.user,
        confirm_shrink=request.confirm_shrink,
        replay=request.replay,
    )
    return {"ops": {"raw_files": {"config": landed.model_dump(exclude_none=True)}}, **_QUIET}


def _listener(watch: Watch) -> Callable[[dg.EventLogEntry], None]:
    def listen(entry: dg.EventLogEntry) -> None:
        event = entry.dagster_event
        if event and event.event_type in _STATES and event.step_key:
            watch(event.step_key, _STATES[event.event_type])

    return listen


def _summary(result: dg.ExecuteInProcessResult) -> RunSummary:
    (event,) = result.asset_materializations_for_node("run_summary")
    return msgspec.convert(event.metadata[SUMMARY].value, RunSummary)


def _reason(error: Exception, run_id: str) -> Exception:
    """The library's own error beneath Dagster's; any other is a defect and keeps its traceback."""
    if isinstance(error, RuntimeError) and str(error) == "Query interrupted":  # DuckDB, when Ctrl-C comes in its work
        return RunError(_INTERRUPTED.format(run_id))
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, NexusError):
            return cause
        if isinstance(cause, dg.DagsterError) and "check" in type(cause).__name__.lower():
            return RunError(f"run {run_id}: {cause}")
        cause = getattr(cause, "user_exception", None) or cause.__cause__
    return error
