"""The code location: everything that Dagster is to know. Loading it connects to nothing and loads no engine."""

import dagster as dg

from pipelines import catching_up, duties, reports, schedules, sensors, task_jobs, task_sensor, way

defs = dg.Definitions.merge(
    way.defs,
    dg.Definitions(
        jobs=[*task_jobs.JOBS, *duties.JOBS.values(), reports.report_run],
        schedules=schedules.SCHEDULES,
        sensors=[
            sensors.landing_folder,
            catching_up.landing_sweep,
            catching_up.overdue_duties,
            sensors.alerts,
            task_sensor.background_tasks,
        ],
    ),
)
