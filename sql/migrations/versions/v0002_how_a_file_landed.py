"""How a file landed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "files",
        sa.Column(
            "landed_as",
            sa.TEXT(collation="C"),
            autoincrement=False,
            nullable=True,
            comment="The path it first landed under, from which some contracts read",
        ),
    )
    op.add_column(
        "files",
        sa.Column(
            "landed_for",
            sa.TEXT(collation="C"),
            autoincrement=False,
            nullable=True,
            comment="The user named at landing; null: nobody was, so that its records may say whose",
        ),
    )
