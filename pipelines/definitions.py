"""The code location: everything that Dagster is to know. Loading it connects to nothing and loads no engine."""

import dagster as dg

from pipelines import catching_up, checks, duties, jobs, reports, schedules, sensors, task_jobs, task_sensor
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
    jobs=[jobs.ledger_run, jobs.rebuild_operations, *task_jobs.JOBS, *duties.JOBS.values(), reports.report_run],
    schedules=schedules.SCHEDULES,
    sensors=[
        sensors.landing_folder,
        catching_up.landing_sweep,
        catching_up.overdue_duties,
        sensors.alerts,
        task_sensor.background_tasks,
    ],
    resources={"open_run": OpenRun()},
    # A process for each step costs five times the CPU of one process for the run, and the steps follow each other.
    executor=dg.in_process_executor,
)
