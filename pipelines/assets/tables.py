"""The Postgres tables that readers see: all of a run in one commit. Rebuilding months from the lake is here too."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from nexus_data.tables import CANONICAL, EVIDENCE
from nexus_data.tables.model import Table
from nexus_data.tables.trading_operations import TRADING_OPERATIONS
from pipelines.assets.lake import KEYED, lake_key
from pipelines.assets.marts import MARTS, mart_key
from pipelines.assets.raw import raw_files, standardized_records
from pipelines.metadata import log_months, step_metadata, table_metadata
from pipelines.partitions import MONTHS
from pipelines.resources import OpenRun

_EVIDENCE: dict[str, list[Any]] = {
    "files": [raw_files],
    "quarantine": [standardized_records, *(lake_key(name) for name in CANONICAL)],
    "ledger": [standardized_records, *(lake_key(n) for n in CANONICAL), *(mart_key(mart.name) for mart in MARTS)],
}
"""What each evidence table is made of. The ledger tells of the whole commit, so it comes after all of it."""


def _spec(table: Table, deps: list[Any], *, group: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        table.name,
        deps=deps,
        group_name=group,
        kinds={"postgres"},
        metadata=table_metadata(table, name=f"public.{table.name}"),
        description=table.doc,
    )


PUBLISHED = [_spec(table, [lake_key(table.name)], group="published") for table in KEYED]
EVIDENCE_TABLES = [_spec(EVIDENCE[name], deps, group="evidence") for name, deps in _EVIDENCE.items()]


@dg.multi_asset(
    name="publish",
    specs=[*PUBLISHED, *EVIDENCE_TABLES],
    description="Loads tables, month partitions, marts and ledger, proves that they agree, and commits a generation.",
)
def published(context: dg.AssetExecutionContext, open_run: OpenRun) -> Iterator[dg.MaterializeResult[Any]]:
    from nexus_data.inventory import published_rows
    from nexus_data.publish import publish

    result = publish(open_run.run)
    rows = published_rows(open_run.run.services.postgres_url)
    log_months(context, trading_operations.key, new=result.partitions, rows=rows.get(TRADING_OPERATIONS.name, {}))
    for name in (spec.key.path[-1] for spec in (*PUBLISHED, *EVIDENCE_TABLES)):
        count = {"dagster/row_count": sum(rows[name].values()), "new_rows": result.rows.get(name, 0)}
        yield dg.MaterializeResult(asset_key=name, metadata=count | step_metadata(result))


@dg.asset(
    deps=[lake_key(TRADING_OPERATIONS.name)],
    group_name="published",
    kinds={"postgres"},
    partitions_def=MONTHS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    metadata=table_metadata(TRADING_OPERATIONS, name="public.trading_operations"),
    description=f"{TRADING_OPERATIONS.doc} Written by the step `publish`; materializing months rebuilds them.",
)
def trading_operations(context: dg.AssetExecutionContext, open_run: OpenRun) -> dg.MaterializeResult[Any]:
    from nexus_data.publish import rebuild

    result = rebuild(open_run.run, list(context.partition_keys))
    for month in context.partition_keys:
        rows = {"dagster/partition_row_count": result.partitions.get(month, 0)}
        context.add_asset_metadata(rows, asset_key=trading_operations.key, partition_key=month)
    return dg.MaterializeResult(metadata=step_metadata(result))
