"""People and the accounts that are theirs."""

from nexus_data.tables.model import PROVENANCE, Field, Index, Kind, Table

ROLES = ("financial_examiner", "auditor", "compliance_officer", "executive", "prosecutor", "judge")

USERS = Table(
    name="users",
    doc="One row per user. A user whom only operations or projects name is there with status `implied`.",
    key=("user_id",),
    version="created_at",
    fields=(
        Field("user_id", Kind.TEXT, "The user's id", required=True),
        Field("email", Kind.TEXT, "Unique, compared without case"),
        Field("display_name", Kind.TEXT, "Name as shown"),
        Field("primary_pov_role", Kind.TEXT, "The role whose point of view is shown first", values=ROLES),
        Field("password_hash", Kind.TEXT, "argon2id; never imported from files"),
        Field("status", Kind.TEXT, "As given, or implied", required=True, reserved=("implied",)),
        Field("created_at", Kind.TIMESTAMP, "When the account was made"),
        *PROVENANCE,
    ),
    indexes=(
        Index(("lower(email)",), unique=True),
        Index(("primary_pov_role",)),
    ),
)

USER_ACCOUNTS = Table(
    name="user_accounts",
    doc="Which user an account of a source belongs to.",
    key=("account_source", "account_id"),
    fields=(
        Field("account_source", Kind.TEXT, "The source that the account is held at", required=True),
        Field("account_id", Kind.TEXT, "Account [1] as that source writes it", required=True),
        Field("user_id", Kind.TEXT, "Its owner", required=True),
        *PROVENANCE,
    ),
    indexes=(Index(("user_id",)),),
)
