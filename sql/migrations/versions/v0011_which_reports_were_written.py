"""Which reports were written."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column(
            "report_id",
            sa.UUID(),
            autoincrement=False,
            nullable=False,
            comment="First 128 bits of the SHA-256 of what follows, up to generation",
        ),
        sa.Column(
            "user_id",
            sa.TEXT(collation="C"),
            autoincrement=False,
            nullable=True,
            comment="Whose report; null: that of a role",
        ),
        sa.Column(
            "role",
            sa.TEXT(collation="C"),
            autoincrement=False,
            nullable=True,
            comment="The role whose users it is of; null: that of a user",
        ),
        sa.Column(
            "period",
            sa.TEXT(collation="C"),
            autoincrement=False,
            nullable=False,
            comment="2025-03-14, 2025-W09, 2025-03, 2025-Q1 or 2025",
        ),
        sa.Column("format", sa.TEXT(collation="C"), autoincrement=False, nullable=False, comment="How it is written"),
        sa.Column(
            "generation",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The generation that it tells of",
        ),
        sa.Column(
            "path", sa.TEXT(collation="C"), autoincrement=False, nullable=False, comment="Its file, under the home"
        ),
        sa.Column(
            "sha256", sa.TEXT(collation="C"), autoincrement=False, nullable=False, comment="Of the file's bytes, hex"
        ),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False, comment="Bytes"),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            autoincrement=False,
            nullable=False,
            comment="When it was written",
        ),
        sa.CheckConstraint("format IN ('html', 'pdf', 'xlsx')", name="reports_format_values"),
        sa.CheckConstraint("size >= 0", name="reports_size_non_negative"),
        sa.CheckConstraint(
            "user_id IS NULL AND role IS NOT NULL OR user_id IS NOT NULL AND role IS NULL", name="reports_user_id_check"
        ),
        sa.PrimaryKeyConstraint("report_id", name="reports_pkey"),
        comment="One row per written report: of a user or of a role, of a period as one generation tells it.",
    )
    op.create_index(
        "reports_role_created_at_idx",
        "reports",
        ["role", "created_at"],
        unique=False,
        postgresql_where=sa.text("role IS NOT NULL"),
    )
    op.create_index(
        "reports_user_id_created_at_idx",
        "reports",
        ["user_id", "created_at"],
        unique=False,
        postgresql_where=sa.text("user_id IS NOT NULL"),
    )
