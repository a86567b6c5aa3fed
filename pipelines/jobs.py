"""The jobs: the whole way, and months of Postgres again from the lake. What starts them is in sensors and the CLI."""

import dagster as dg

from pipelines.assets.tables import trading_operations

ledger_run = dg.define_asset_job(
    "ledger_run",
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets(trading_operations),
    description="Landed files all the way: kept, standardized, de-duplicated, published in one commit, cached.",
)

rebuild_operations = dg.define_asset_job(
    "rebuild_operations",
    selection=dg.AssetSelection.assets(trading_operations),
    description="Month partitions of trading_operations in Postgres again from the lake; a range of months is one run.",
)
