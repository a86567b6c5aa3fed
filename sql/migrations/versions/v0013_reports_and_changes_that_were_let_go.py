"""Reports say when cleanup removed their file; cleanup removes these, and notes of what publishes changed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KINDS = (
    "kind IN ('operations', 'raw_files', 'quarantine', 'superseded', 'tasks', 'lake_history', 'cache', 'orchestrator', "
    "'staging', 'landing', 'measurements', 'changes', 'reports')"
)


def upgrade() -> None:
    op.add_column(
        "reports",
        sa.Column(
            "removed_at",
            postgresql.TIMESTAMP(timezone=True),
            autoincrement=False,
            nullable=True,
            comment="When cleanup removed its file; null: it is there",
        ),
    )
    op.drop_constraint("cleanups_kind_values", "cleanups", type_="check")
    op.create_check_constraint("cleanups_kind_values", "cleanups", _KINDS)
