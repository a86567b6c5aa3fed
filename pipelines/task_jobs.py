"""The jobs of background tasks that are no run of the pipeline: an op each, which ends with its result as metadata."""

from dataclasses import asdict
from typing import Any

import dagster as dg
import msgspec
from pydantic import Field

from nexus_data.settings import Settings
from pipelines.liveness import alive

RESULT = "result"
"""Under this name the op's output carries its result as JSON."""


class CleanupRequest(dg.Config):
    """What a cleanup is to do."""

    dry_run: bool = Field(default=True, description="Only say what would go, how much it is, and why")


@dg.op(description="What retention lets go and nothing stands in the way of.", out=dg.Out(dict))
def remove_old_data(context: dg.OpExecutionContext, config: CleanupRequest) -> dg.Output[dict[str, Any]]:
    from pipelines.upkeep import clean, plan

    settings = Settings.from_env()
    with alive(settings, context.run_id):
        done = plan(settings) if config.dry_run else clean(settings, run_id=context.run_id)
    return _told(asdict(done))


class ReportRequest(dg.Config):
    """Which report is to be written."""

    period: str = Field(description="2025-03, 2025-W09, 2025-03-14, 2025-Q1 or 2025")
    formats: list[str] = Field(default=["html"], description="html, pdf, xlsx")
    user_id: str | None = Field(default=None, description="Whose report")
    role: str | None = Field(default=None, description="Or: of all users with this role")


@dg.op(description="The report of a user, or of the users of a role, in a period.", out=dg.Out(dict))
def write_report(context: dg.OpExecutionContext, config: ReportRequest) -> dg.Output[dict[str, Any]]:
    from nexus_data.background.results import reports_result
    from nexus_data.report.facts import Subject
    from nexus_data.report.period import period
    from nexus_data.report.write import write_reports

    settings = Settings.from_env()
    subject = Subject(user_id=config.user_id, role=config.role)
    with alive(settings, context.run_id):
        written = write_reports(settings, period(config.period), subjects=[subject], formats=config.formats)
    return _told(reports_result(written))


def _told(result: dict[str, Any]) -> dg.Output[dict[str, Any]]:
    plain = msgspec.to_builtins(result)
    return dg.Output(plain, metadata={RESULT: dg.MetadataValue.json(plain)})


@dg.job(description="A cleanup that was asked for through the API.", executor_def=dg.in_process_executor)
def cleanup_old_data() -> None:
    remove_old_data()


@dg.job(description="A report that was asked for through the API.", executor_def=dg.in_process_executor)
def generate_report() -> None:
    write_report()


JOBS = (cleanup_old_data, generate_report)
