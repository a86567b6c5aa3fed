"""Cleanup removes generations that nothing names."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_KINDS = (
    "kind IN ('operations', 'raw_files', 'quarantine', 'superseded', 'tasks', 'lake_history', 'cache', 'orchestrator', "
    "'staging', 'landing', 'measurements', 'changes', 'reports', 'generations')"
)


def upgrade() -> None:
    op.drop_constraint("cleanups_kind_values", "cleanups", type_="check")
    op.create_check_constraint("cleanups_kind_values", "cleanups", _KINDS)
