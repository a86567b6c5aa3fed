"""The promises as asset checks. What is checked, and how, is in the library; blocking ones stop what follows them."""

from collections.abc import Iterator

import dagster as dg

from pipelines.assets.dashboard import dashboard_cache
from pipelines.assets.tables import trading_operations
from pipelines.metadata import finding_result
from pipelines.resources import OpenRun

_LEDGER = dg.AssetKey("ledger")
_QUARANTINE = dg.AssetKey("quarantine")


_PROOFS = {
    "ledger_balances": "Every hop accounts for all it received, and received all that was passed on.",
    "published_rows_equal_ledger": "Each table and touched month of operations holds the rows that the ledger says.",
    "published_fingerprints_equal_ledger": "The rows there are the very records that the ledger counted.",
    "quarantine_equals_ledger": "Quarantine holds what the ledger says was rejected, and not replayed since.",
}


@dg.multi_asset_check(
    name="prove_the_commit",
    specs=[dg.AssetCheckSpec(name, asset=_LEDGER, blocking=True, description=doc) for name, doc in _PROOFS.items()],
    can_subset=True,
)
def prove_the_commit(context: dg.AssetCheckExecutionContext, open_run: OpenRun) -> Iterator[dg.AssetCheckResult]:
    from nexus_data import checks

    prove = {
        "ledger_balances": checks.ledger_balances,
        "published_rows_equal_ledger": checks.published_rows,
        "published_fingerprints_equal_ledger": checks.published_fingerprints,
        "quarantine_equals_ledger": checks.quarantine,
    }
    for key in sorted(context.selected_asset_check_keys, key=lambda key: key.name):
        yield finding_result(key.name, prove[key.name](open_run.run.services.postgres_url), asset=_LEDGER)


@dg.asset_check(
    asset=trading_operations,
    blocking=True,
    description="After a rebuild: every month of operations holds the very records that the ledger counted.",
)
def operations_equal_ledger(open_run: OpenRun) -> dg.AssetCheckResult:
    from nexus_data import checks

    found = checks.published_fingerprints(open_run.run.services.postgres_url, everything=True)
    return finding_result("operations_equal_ledger", found, asset=trading_operations.key)


@dg.asset_check(asset=_QUARANTINE, description="No source had an unusual share of its records rejected.")
def rejected_share(open_run: OpenRun) -> dg.AssetCheckResult:
    from nexus_data import checks

    found = checks.rejected_share(open_run.run.services.postgres_url)
    return finding_result("rejected_share", found, asset=_QUARANTINE, severity=dg.AssetCheckSeverity.WARN)


@dg.asset_check(asset=dashboard_cache, description="The cache shows the generation that the ledger committed.")
def cache_current(open_run: OpenRun) -> dg.AssetCheckResult:
    from nexus_data import checks

    services = open_run.run.services
    found = checks.cache_current(services.postgres_url, redis_url=services.redis_url)
    return finding_result("cache_current", found, asset=dashboard_cache.key, severity=dg.AssetCheckSeverity.WARN)


CHECKS = [prove_the_commit, operations_equal_ledger, rejected_share, cache_current]
