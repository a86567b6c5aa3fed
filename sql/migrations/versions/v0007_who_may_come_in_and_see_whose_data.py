"""Who may come in and see whose data."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assignments",
        sa.Column("user_id", sa.TEXT(collation="C"), autoincrement=False, nullable=False, comment="Who looks"),
        sa.Column(
            "subject_user_id", sa.TEXT(collation="C"), autoincrement=False, nullable=False, comment="At whose data"
        ),
        sa.Column(
            "assigned_at",
            postgresql.TIMESTAMP(timezone=True),
            autoincrement=False,
            nullable=False,
            comment="Since when",
        ),
        sa.PrimaryKeyConstraint("user_id", "subject_user_id", name="assignments_pkey"),
        comment="One row per user whose data another user is to look at: what roles of scope `assigned` see.",
    )
    op.create_table(
        "credentials",
        sa.Column(
            "user_id", sa.TEXT(collation="C"), autoincrement=False, nullable=False, comment="The user's id, as in users"
        ),
        sa.Column(
            "password_hash",
            sa.TEXT(collation="C"),
            autoincrement=False,
            nullable=True,
            comment="argon2id in its PHC text form; null: no password opens this account",
        ),
        sa.Column(
            "role",
            sa.TEXT(collation="C"),
            autoincrement=False,
            nullable=True,
            comment="The granted role, which widens what the user sees; null: own data",
        ),
        sa.Column(
            "changed_at",
            postgresql.TIMESTAMP(timezone=True),
            autoincrement=False,
            nullable=False,
            comment="When password or role were last set",
        ),
        sa.CheckConstraint(
            "role IN ('financial_examiner', 'auditor', 'compliance_officer', 'executive', 'prosecutor', 'judge')",
            name="credentials_role_values",
        ),
        sa.PrimaryKeyConstraint("user_id", name="credentials_pkey"),
        comment="One row per user who may sign in or who was granted a role.",
    )
    op.create_table(
        "refresh_tokens",
        sa.Column(
            "token_sha256",
            sa.TEXT(collation="C"),
            autoincrement=False,
            nullable=False,
            comment="SHA-256 of the token, hex: the token itself is kept nowhere",
        ),
        sa.Column(
            "session_id", sa.UUID(), autoincrement=False, nullable=False, comment="The sign-in that it descends from"
        ),
        sa.Column("user_id", sa.TEXT(collation="C"), autoincrement=False, nullable=False, comment="Whom it speaks for"),
        sa.Column(
            "issued_at", postgresql.TIMESTAMP(timezone=True), autoincrement=False, nullable=False, comment="When"
        ),
        sa.Column(
            "expires_at",
            postgresql.TIMESTAMP(timezone=True),
            autoincrement=False,
            nullable=False,
            comment="Until when it is taken",
        ),
        sa.Column(
            "used_at",
            postgresql.TIMESTAMP(timezone=True),
            autoincrement=False,
            nullable=True,
            comment="When the next one was given for it; given again after that, it was stolen",
        ),
        sa.Column(
            "revoked_at",
            postgresql.TIMESTAMP(timezone=True),
            autoincrement=False,
            nullable=True,
            comment="When its session was ended",
        ),
        sa.PrimaryKeyConstraint("token_sha256", name="refresh_tokens_pkey"),
        comment="One row per refresh token that has not expired long ago. A session is the family of one sign-in.",
    )
    op.create_index(
        "refresh_tokens_revoked_at_idx",
        "refresh_tokens",
        ["revoked_at"],
        unique=False,
        postgresql_where=sa.text("revoked_at IS NOT NULL"),
    )
    op.create_index("refresh_tokens_session_id_idx", "refresh_tokens", ["session_id"], unique=False)
    op.create_index("refresh_tokens_user_id_idx", "refresh_tokens", ["user_id"], unique=False)
