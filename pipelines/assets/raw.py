"""From landed files to standardized records. De-duplication and the lake are the next file's."""

from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from pipelines.metadata import rows_table, step_metadata
from pipelines.resources import OpenRun


class Landed(dg.Config):
    """What a run takes in."""

    paths: list[str] = Field(default=[], description="Files and folders; none: everything in the landing folder")
    source: str | None = Field(default=None, description="The contract's source, where the one who landed it says so")
    user: str | None = Field(default=None, description="Whose files these are")


@dg.asset(
    group_name="landing",
    kinds={"file"},
    description="Landed files, kept unchanged by content hash; each has found its contract, or is held with a reason.",
)
def raw_files(config: Landed, open_run: OpenRun) -> dg.MaterializeResult[Any]:
    from nexus_data.landing import discover, land

    paths = [Path(path) for path in config.paths]
    landings = discover(open_run.run.settings, paths, source=config.source, user=config.user)
    result = land(open_run.run, landings)
    files = rows_table(result.rows, of="status")
    return dg.MaterializeResult(metadata={"dagster/row_count": len(landings), "files": files, **step_metadata(result)})


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
