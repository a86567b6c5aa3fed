"""The job that writes reports, which schedules, tasks and the UI launch. What a report says is the library's."""

from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from nexus_data.settings import Settings
from pipelines.liveness import alive


class Reports(dg.Config):
    """Which reports to write."""

    period: str = Field(description="A month (2025-03), an ISO week (2025-W09), a day, a quarter (2025-Q1) or a year")
    users: list[str] = Field(default=[], description="Of these users; no user and no role: NEXUS_REPORT_SUBJECTS says")
    roles: list[str] = Field(default=[], description="Of these roles")
    formats: list[str] = Field(default=[], description="How they are written; none: as NEXUS_REPORT_FORMATS says")
    home: str | None = Field(default=None, description="Another home than NEXUS_HOME")


@dg.op(description="Writes the reports of a period; those that are there already are left as they are.")
def write_reports(context: dg.OpExecutionContext, config: Reports) -> None:
    from dataclasses import replace

    from nexus_data.report.facts import Subject
    from nexus_data.report.period import period
    from nexus_data.report.write import write_reports as write

    settings = Settings.from_env()
    settings = replace(settings, home=Path(config.home)) if config.home else settings
    subjects = [*(Subject(user_id=name) for name in config.users), *(Subject(role=name) for name in config.roles)]
    with alive(settings, context.run_id):
        written = write(settings, period(config.period), subjects=subjects or None, formats=config.formats or None)
    new = sum(one.new for one in written)
    metadata: dict[str, Any] = {
        "reports": len(written),
        "new": new,
        "generation": max((one.generation for one in written), default=0),
        "files": dg.MetadataValue.md("\n".join(f"- `{one.path}`" for one in written)),
    }
    context.log_event(dg.AssetMaterialization("reports", description=f"Reports of {config.period}", metadata=metadata))


@dg.job(description="Reports of users and roles for a day, a week, a month, a quarter or a year.")
def report_run() -> None:
    write_reports()
