"""The lake: de-duplicated rows as Delta tables on Parquet. How rows are told apart is the library's business."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from nexus_data.tables import CANONICAL
from nexus_data.tables.model import Table
from nexus_data.tables.trading_operations import TRADING_OPERATIONS
from pipelines.assets.raw import standardized_records
from pipelines.metadata import log_months, step_metadata, table_metadata
from pipelines.partitions import MONTHS
from pipelines.resources import OpenRun

KEYED = tuple(table for table in CANONICAL.values() if table.partition_by is None)
"""The tables of which the lake holds the newest record of each key."""


def lake_key(table: str) -> dg.AssetKey:
    """The lake asset of a canonical table."""
    return dg.AssetKey(["lake", table])


def _spec(table: Table, doc: str, partitions: dg.PartitionsDefinition[str] | None = None) -> dg.AssetSpec:
    return dg.AssetSpec(
        lake_key(table.name),
        deps=[standardized_records],
        group_name="lake",
        kinds={"deltalake", "parquet"},
        partitions_def=partitions,
        metadata=table_metadata(table, name=f"lake.{table.name}"),
        description=f"{table.doc} {doc}",
    )


operations_lake = _spec(
    TRADING_OPERATIONS,
    "Only ever appended to, by the step `deduplicate`: which months a run touches is known once its records are read.",
    MONTHS,
)


@dg.multi_asset(
    name="deduplicate",
    specs=[_spec(table, "Replaced whole, in one Delta commit.") for table in KEYED],
    description="Finds what is new among the accepted records, appends operations to their months, keeps newest keys.",
)
def deduplicated(context: dg.AssetExecutionContext, open_run: OpenRun) -> Iterator[dg.MaterializeResult[Any]]:
    from nexus_data.deduplicate import deduplicate
    from nexus_data.inventory import lake_rows

    result = deduplicate(open_run.run)
    rows = lake_rows(open_run.run.settings.home)
    log_months(context, operations_lake.key, new=result.partitions, rows=rows[TRADING_OPERATIONS.name])
    for table in KEYED:
        count = {"dagster/row_count": sum(rows[table.name].values()), "new_rows": result.rows.get(table.name, 0)}
        yield dg.MaterializeResult(asset_key=lake_key(table.name), metadata=count | step_metadata(result))
