"""From landed files to standardized records. De-duplication and the lake are the next file's."""

from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from nexus_data.results import StepResult
from pipelines.metadata import rows_table, step_metadata
from pipelines.resources import OpenRun


class Replayed(dg.Config):
    """What a run takes out of quarantine; no filter: everything."""

    source: str | None = Field(default=None, description="Only of this source")
    user: str | None = Field(default=None, description="Only of files landed for this user")
    rule: str | None = Field(default=None, description="Only what broke this rule, CODE or CODE:column")
    file: str | None = Field(default=None, description="Only of this file: its name, or a start of its SHA-256")
    since: str | None = Field(default=None, description="Only since this generation, or this date")
    corrections: str | None = Field(default=None, description="A CSV of file,record,field,text: only these records")
    made_by: str | None = Field(default=None, description="Who made the corrections")
    reason: str | None = Field(default=None, description="Why")
    held: bool = Field(default=False, description="Instead of records: held files that a contract reads by now")


class Landed(dg.Config):
    """What a run takes in."""

    paths: list[str] = Field(default=[], description="Files and folders; none: everything in the landing folder")
    source: str | None = Field(default=None, description="The contract's source, where the one who landed it says so")
    user: str | None = Field(default=None, description="Whose files these are")
    confirm_shrink: bool = Field(default=False, description="Snapshots among them may lack rows of the version before")
    replay: Replayed | None = Field(default=None, description="Take nothing in; run again what waits in quarantine")


@dg.asset(
    group_name="landing",
    kinds={"file"},
    description="Landed files, kept unchanged by content hash; each has found its contract, or is held with a reason.",
)
def raw_files(config: Landed, open_run: OpenRun) -> dg.MaterializeResult[Any]:
    result = _replayed(open_run, config.replay) if config.replay else _landed(open_run, config)
    files = rows_table(result.rows, of="status")
    count = sum(result.rows.values())
    return dg.MaterializeResult(metadata={"dagster/row_count": count, "files": files, **step_metadata(result)})


def _landed(open_run: OpenRun, config: Landed) -> StepResult:
    from nexus_data.landing import discover, land

    paths = [Path(path) for path in config.paths]
    settings, confirmed = open_run.run.settings, config.confirm_shrink
    landings = discover(settings, paths, source=config.source, user=config.user, confirm_shrink=confirmed)
    return land(open_run.run, landings)


def _replayed(open_run: OpenRun, config: Replayed) -> StepResult:
    from nexus_data.quarantine.replay import begin_replay
    from nexus_data.quarantine.request import ReplayRequest
    from nexus_data.quarantine.selection import Selection

    request = ReplayRequest(
        selection=Selection(
            source=config.source, user=config.user, rule=config.rule, file=config.file, since=config.since
        ),
        corrections=Path(config.corrections) if config.corrections else None,
        made_by=config.made_by,
        reason=config.reason,
        held=config.held,
    )
    return begin_replay(open_run.run, request)


@dg.asset(
    deps=[raw_files],
    group_name="landing",
    kinds={"polars", "parquet"},
    description="Every record of the run's files in canonical columns, accepted, or rejected with each rule it broke.",
)
def standardized_records(open_run: OpenRun) -> dg.MaterializeResult[Any]:
    from nexus_data.standardize import standardize

    result = standardize(open_run.run)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": result.tally.passed,
            "tables": rows_table(result.rows, of="table"),
            **step_metadata(result),
        }
    )
