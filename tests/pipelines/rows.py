"""Small files in the platform's own formats, and what Dagster then shows of them."""

from collections.abc import Callable, Sequence
from pathlib import Path

import dagster as dg

OPERATIONS = (
    "exec_id,transact_time,user_id,account_id,type,category,amount,currency,side,symbol,security_id,last_qty,last_px,"
    "commission,commission_currency,venue,milestone_id,description"
)
USERS = "user_id,email,display_name,primary_pov_role,status,created_at"

ANN = "ann,ann@example.org,Ann,auditor,active,2024-01-01T00:00:00Z"

Write = Callable[[str, str, Sequence[str]], Path]


def operation(exec_id: str, at: str, *, amount: str = "10.00", user: str = "ann") -> str:
    """One purchase in the platform's own format."""
    return f"{exec_id},{at},{user},,expense,purchase,{amount},EUR,,,,,,,,,,coffee"


def months(instance: dg.DagsterInstance, asset: dg.AssetKey) -> dict[str, object]:
    """The newest materialization's row count of each materialized month."""
    found: dict[str, object] = {}
    records = instance.fetch_materializations(asset, limit=1000, ascending=True).records
    for record in records:
        assert record.asset_materialization is not None
        month = record.asset_materialization.partition
        assert month is not None, f"{asset} was materialized without a month"
        found[month] = record.asset_materialization.metadata["dagster/partition_row_count"].value
    return found
