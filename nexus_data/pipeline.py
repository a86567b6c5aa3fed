"""The whole way in one call, without an orchestrator: what tests and benchmarks run. The steps are Dagster's too."""

from collections.abc import Sequence
from uuid import uuid4

from nexus_data.cache_step import refresh_cache
from nexus_data.deduplicate import deduplicate
from nexus_data.landing import Landing, land
from nexus_data.marts_step import refresh_marts
from nexus_data.publish import publish
from nexus_data.results import RunSummary
from nexus_data.runs import open_run
from nexus_data.settings import Settings
from nexus_data.standardize import standardize
from nexus_data.summary import summarize


def run_all(settings: Settings, landings: Sequence[Landing], *, run_id: str | None = None) -> RunSummary:
    """Take the files in, from landing to cache. Raises NexusError when nothing was published."""
    with open_run(settings, run_id=run_id or str(uuid4())) as run:
        land(run, landings)
        for step in (standardize, deduplicate, refresh_marts, publish, refresh_cache):
            step(run)
        return summarize(run)
