"""Replays: what is asked for, how such a run begins, and the whole way in one call, without an orchestrator."""

from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from nexus_data.cache_step import refresh_cache
from nexus_data.deduplicate import deduplicate
from nexus_data.errors import QuarantineError
from nexus_data.landing import land
from nexus_data.marts_step import refresh_marts
from nexus_data.postgres.connect import connection
from nexus_data.publish import publish
from nexus_data.quarantine.corrections import Corrections, read_corrections
from nexus_data.quarantine.held import readable_held_files
from nexus_data.quarantine.requeue import mark_replay, requeue
from nexus_data.quarantine.selection import Selection
from nexus_data.results import RunSummary, StepResult
from nexus_data.runs import Run, open_run
from nexus_data.settings import Settings
from nexus_data.standardize import standardize
from nexus_data.summary import summarize


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """What to run again: the records that the selection chooses; those that a correction file names, where there is
    one, with who made it and why; or, with `held`, the held files that a contract reads by now, whole."""

    selection: Selection = field(default_factory=Selection)
    corrections: Path | None = None
    made_by: str | None = None
    reason: str | None = None
    held: bool = False

    def read_corrections(self) -> Corrections | None:
        """The correction file, read. QuarantineError when it, or what is said with it, cannot be used."""
        if self.corrections is None:
            if self.made_by or self.reason:
                raise QuarantineError("who and why are said of a correction file, and there is none")
            return None
        if self.held:
            raise QuarantineError(f"{self.corrections}: held files have no records yet that could be corrected")
        return read_corrections(self.corrections, made_by=self.made_by or "", reason=self.reason or "")


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
