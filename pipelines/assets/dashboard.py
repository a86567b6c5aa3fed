"""What follows the commit: the cache, and the summary of the run."""

from typing import Any

import dagster as dg

from pipelines.assets.marts import mart_key
from pipelines.assets.tables import trading_operations
from pipelines.metadata import step_metadata, summary_metadata
from pipelines.resources import OpenRun


@dg.asset(
    deps=["ledger", "projects", "project_milestones", trading_operations, mart_key("project_dashboard")],
    group_name="dashboard",
    kinds={"redis"},
    description="Each user's dashboard document in Redis, under the generation that it tells of.",
)
def dashboard_cache(open_run: OpenRun) -> dg.MaterializeResult[Any]:
    from nexus_data.cache_step import refresh_cache

    return dg.MaterializeResult(metadata=step_metadata(refresh_cache(open_run.run)))


@dg.asset(
    deps=["ledger", "files", "quarantine", dashboard_cache],
    group_name="report",
    kinds={"json"},
    description="What `nexus run` prints: each landed file of the run, and what became of its records.",
)
def run_summary(open_run: OpenRun) -> dg.MaterializeResult[Any]:
    from nexus_data.summary import summarize

    return dg.MaterializeResult(metadata=summary_metadata(summarize(open_run.run)))
