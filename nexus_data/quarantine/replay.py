"""Replays: how such a run begins, and the whole way in one call, without an orchestrator."""

from uuid import uuid4

from nexus_data.cache_step import refresh_cache
from nexus_data.deduplicate import deduplicate
from nexus_data.landing import land
from nexus_data.marts_step import refresh_marts
from nexus_data.postgres.connect import connection
from nexus_data.publish import publish
from nexus_data.quarantine.held import readable_held_files
from nexus_data.quarantine.request import ReplayRequest
from nexus_data.quarantine.requeue import mark_replay, requeue
from nexus_data.results import RunSummary, StepResult
from nexus_data.runs import Run, open_run
from nexus_data.settings import Settings
from nexus_data.standardize import standardize
from nexus_data.summary import summarize


def begin_replay(run: Run, request: ReplayRequest) -> StepResult:
    """The first step of the run: take records out of quarantine, or land held files again."""
    corrections = request.read_corrections()
    if not request.held:
        return requeue(run, selection=request.selection, corrections=corrections)
    with connection(run.services.postgres_url) as database:
        landings = readable_held_files(run.settings, database, selection=request.selection)
    if not landings:
        mark_replay(run)
    return land(run, landings)


def replay(settings: Settings, request: ReplayRequest, *, run_id: str | None = None) -> RunSummary:
    """The whole way. Raises NexusError when nothing was published.

    A replay after which every record is where it was makes no generation.
    """
    with open_run(settings, run_id=run_id or str(uuid4())) as run:
        begin_replay(run, request)
        for step in (standardize, deduplicate, refresh_marts, publish, refresh_cache):
            step(run)
        return summarize(run)
