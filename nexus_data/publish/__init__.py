"""The fifth step: lake rows become Postgres rows, with ledger and generation, in one commit that balances or is not."""

from nexus_data.publish.rebuild import rebuild
from nexus_data.publish.step import publish

__all__ = ["publish", "rebuild"]
