"""The way of the data for Dagster: assets, checks, and the jobs over them. It loads no engine and connects to nothing.

What starts runs by itself, and all other jobs, are in `definitions`: `nexus run` needs neither.
"""

import dagster as dg

from pipelines import checks, jobs
from pipelines.assets import dashboard, lake, marts, raw, tables
from pipelines.resources import OpenRun

defs = dg.Definitions(
    assets=[
        raw.raw_files,
        raw.standardized_records,
        lake.operations_lake,
        lake.deduplicated,
        marts.marts,
        tables.published,
        tables.trading_operations,
        dashboard.dashboard_cache,
        dashboard.run_summary,
    ],
    asset_checks=checks.CHECKS,
    jobs=[jobs.ledger_run, jobs.rebuild_operations],
    resources={"open_run": OpenRun()},
    # A process for each step costs five times the CPU of one process for the run, and the steps follow each other.
    executor=dg.in_process_executor,
)
