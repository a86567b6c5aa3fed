"""Tasks that are asked for through the API."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "background_tasks",
        sa.Column("task_id", sa.TEXT(collation="C"), autoincrement=False, nullable=False, comment="The task's id"),
        sa.Column("user_id", sa.TEXT(collation="C"), autoincrement=False, nullable=False, comment="Who asked for it"),
        sa.Column(
            "type",
            sa.TEXT(collation="C"),
            autoincrement=False,
            nullable=False,
            comment="process_dataset, generate_report, cleanup_old_data, ...",
        ),
        sa.Column("title", sa.TEXT(collation="C"), autoincrement=False, nullable=True, comment="As shown"),
        sa.Column("status", sa.TEXT(collation="C"), autoincrement=False, nullable=False, comment="Where it stands"),
        sa.Column(
            "progress",
            sa.Numeric(precision=38, scale=18),
            autoincrement=False,
            nullable=True,
            comment="Share done, 0 to 100",
        ),
        sa.Column(
            "parameters",
            postgresql.JSONB(astext_type=sa.Text()),
            autoincrement=False,
            nullable=True,
            comment="What it was asked with",
        ),
        sa.Column(
            "result",
            postgresql.JSONB(astext_type=sa.Text()),
            autoincrement=False,
            nullable=True,
            comment="What came out",
        ),
        sa.Column("error_message", sa.TEXT(collation="C"), autoincrement=False, nullable=True, comment="Why it failed"),
        sa.Column(
            "priority",
            sa.TEXT(collation="C"),
            autoincrement=False,
            nullable=False,
            comment="How soon its run leaves Dagster's queue",
        ),
        sa.Column(
            "idempotency_key",
            sa.TEXT(collation="C"),
            autoincrement=False,
            nullable=False,
            comment="The asker's key: one task a user and key",
        ),
        sa.Column(
            "request_sha256",
            sa.TEXT(collation="C"),
            autoincrement=False,
            nullable=False,
            comment="Of the request, so that a key is not used for another one",
        ),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            autoincrement=False,
            nullable=False,
            comment="When it was asked for",
        ),
        sa.Column(
            "started_at",
            postgresql.TIMESTAMP(timezone=True),
            autoincrement=False,
            nullable=True,
            comment="When it started",
        ),
        sa.Column(
            "finished_at",
            postgresql.TIMESTAMP(timezone=True),
            autoincrement=False,
            nullable=True,
            comment="When it ended",
        ),
        sa.Column(
            "updated_at",
            postgresql.TIMESTAMP(timezone=True),
            autoincrement=False,
            nullable=False,
            comment="When it last changed",
        ),
        sa.Column(
            "claimed_at",
            postgresql.TIMESTAMP(timezone=True),
            autoincrement=False,
            nullable=True,
            comment="When the scheduler took it: from then on it may have a run",
        ),
        sa.Column(
            "cancel_requested_at",
            postgresql.TIMESTAMP(timezone=True),
            autoincrement=False,
            nullable=True,
            comment="When somebody asked to cancel it",
        ),
        sa.Column(
            "run_id",
            sa.TEXT(collation="C"),
            autoincrement=False,
            nullable=True,
            comment="The newest Dagster run that works on it",
        ),
        sa.CheckConstraint("priority IN ('low', 'normal', 'high')", name="background_tasks_priority_values"),
        sa.CheckConstraint(
            "status IN ('pending', 'running', 'completed', 'failed', 'cancelled')",
            name="background_tasks_status_values",
        ),
        sa.CheckConstraint("progress >= 0", name="background_tasks_progress_non_negative"),
        sa.PrimaryKeyConstraint("task_id", name="background_tasks_pkey"),
        comment="One row per task that was asked for through the API: its newest state. No file "
        "tells of it, so it is no part of the lake, the ledger or a generation; answers show it "
        "beside frenly_ai_tasks.",
    )
    op.create_index(
        "background_tasks_created_at_idx",
        "background_tasks",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('pending', 'running')"),
    )
    op.create_index(
        "background_tasks_user_id_created_at_idx", "background_tasks", ["user_id", "created_at"], unique=False
    )
    op.create_index(
        "background_tasks_user_id_idempotency_key_key", "background_tasks", ["user_id", "idempotency_key"], unique=True
    )
    op.create_index(
        "background_tasks_user_id_status_created_at_idx",
        "background_tasks",
        ["user_id", "status", "created_at"],
        unique=False,
    )
