"""When regular duties run. A tick asks the data whether its period is done, so that a second one does nothing."""

import dagster as dg

from nexus_data.duties.calendar import DUTIES, Duty
from nexus_data.settings import Settings
from pipelines.duties import JOBS, duty_request


def _schedule(duty: Duty) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=f"{duty.name}_schedule",
        job=JOBS[duty.name],
        cron_schedule=duty.cron,
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"{duty.doc} Off: here, or by NEXUS_SCHEDULES_OFF={duty.name}.",
    )
    def tick(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        from nexus_data.duties.perform import undone

        settings = Settings.from_env()
        if duty.name in settings.schedules_off:
            return dg.SkipReason(f"NEXUS_SCHEDULES_OFF names {duty.name}")
        due = undone(settings, now=context.scheduled_execution_time, names=[duty.name])
        return duty_request(*due[0]) if due else dg.SkipReason("done for this period, or nothing is published yet")

    return tick


SCHEDULES = [_schedule(duty) for duty in DUTIES.values()]
"""A schedule for each duty."""
