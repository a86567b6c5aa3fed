"""A replay the whole way in one call, without an orchestrator: the steps of a run, the first of them another."""

from uuid import uuid4

from nexus_data.cache_step import refresh_cache
from nexus_data.deduplicate import deduplicate
from nexus_data.marts_step import refresh_marts
from nexus_data.publish import publish
from nexus_data.quarantine.corrections import Corrections
from nexus_data.quarantine.requeue import requeue
from nexus_data.quarantine.selection import Selection
from nexus_data.results import RunSummary
from nexus_data.runs import open_run
from nexus_data.settings import Settings
from nexus_data.standardize import standardize
from nexus_data.summary import summarize


def replay(
    settings: Settings,
    *,
    selection: Selection | None = None,
    corrections: Corrections | None = None,
    run_id: str | None = None,
) -> RunSummary:
    """Run records in quarantine again, all that the selection chooses or the corrections name.

    Raises NexusError when nothing was published. A replay after which every record is where it was makes no generation.
    """
    with open_run(settings, run_id=run_id or str(uuid4())) as run:
        requeue(run, selection=selection or Selection(), corrections=corrections)
        for step in (standardize, deduplicate, refresh_marts, publish, refresh_cache):
            step(run)
        return summarize(run)
