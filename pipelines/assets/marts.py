"""One asset for each sql/marts/*.sql: the file's path is the mart's identity, its header comment its documentation."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from nexus_data.mart_declarations import Mart, declared, reads
from nexus_data.tables import CANONICAL
from pipelines.assets.lake import lake_key
from pipelines.assets.raw import raw_files, standardized_records
from pipelines.metadata import step_metadata
from pipelines.resources import OpenRun

_EVIDENCE = {"ledger": standardized_records, "files": raw_files}
"""A mart sees the evidence as the run has it before the commit."""

MARTS = declared()


def mart_key(name: str) -> dg.AssetKey:
    """The asset of a mart."""
    return dg.AssetKey(["marts", name])


def _spec(mart: Mart) -> dg.AssetSpec:
    columns = [dg.TableColumn(name, description=meaning) for name, meaning in mart.columns]
    constraints = dg.TableConstraints(other=[f"primary key ({', '.join(mart.key)})"])
    return dg.AssetSpec(
        mart_key(mart.name),
        deps=_reads(mart),
        group_name="marts",
        kinds={"duckdb", "parquet", "postgres"},
        metadata={
            "dagster/column_schema": dg.TableSchema(columns, constraints=constraints),
            "dagster/table_name": f"marts.{mart.name}",
            "grain": mart.grain,
            "refresh": mart.refresh,
            "sql": dg.MetadataValue.md(f"```sql\n{mart.sql}\n```"),
        },
        description=f"{mart.doc}\n\nGrain: {mart.grain}.",
    )


def _reads(mart: Mart) -> list[Any]:
    read = reads(mart)
    return [lake_key(name) for name in CANONICAL if name in read] + [_EVIDENCE[n] for n in _EVIDENCE if n in read]


@dg.multi_asset(
    name="refresh_marts",
    specs=[_spec(mart) for mart in MARTS],
    description="Computes every mart from the lake; they are published to Postgres in the same commit as the tables.",
)
def marts(open_run: OpenRun) -> Iterator[dg.MaterializeResult[Any]]:
    from nexus_data.marts_step import refresh_marts
    from nexus_data.quality import MART

    result = refresh_marts(open_run.run)
    for mart in MARTS:
        rows = result.rows.get(mart.name, 0)
        counted = "dagster/row_count" if mart.refresh == "full" and not mart.groups else "rows_refreshed"
        plotted = result.measures if mart.name == MART else {}
        metadata = {counted: rows} | step_metadata(result) | plotted
        yield dg.MaterializeResult(asset_key=mart_key(mart.name), metadata=metadata)
