"""Who may come in, and whose data they may see: written by commands and by the API, never by the pipeline.

A file may say which role a user has (users.primary_pov_role), and so propose what that user should see; only a person
grants it, here. Landing a file must not be a way to other people's data.
"""

from nexus_data.tables.model import Field, Index, Kind, Table
from nexus_data.tables.users import ROLES

CREDENTIALS = Table(
    name="credentials",
    doc="One row per user who may sign in or who was granted a role.",
    key=("user_id",),
    fields=(
        Field("user_id", Kind.TEXT, "The user's id, as in users", required=True),
        Field("password_hash", Kind.TEXT, "argon2id in its PHC text form; null: no password opens this account"),
        Field("role", Kind.TEXT, "The granted role, which widens what the user sees; null: own data", values=ROLES),
        Field("changed_at", Kind.TIMESTAMP, "When password or role were last set", required=True),
    ),
)

ASSIGNMENTS = Table(
    name="assignments",
    doc="One row per user whose data another user is to look at: what roles of scope `assigned` see.",
    key=("user_id", "subject_user_id"),
    fields=(
        Field("user_id", Kind.TEXT, "Who looks", required=True),
        Field("subject_user_id", Kind.TEXT, "At whose data", required=True),
        Field("assigned_at", Kind.TIMESTAMP, "Since when", required=True),
    ),
)

REFRESH_TOKENS = Table(
    name="refresh_tokens",
    doc="One row per refresh token that has not expired long ago. A session is the family of one sign-in.",
    key=("token_sha256",),
    fields=(
        Field("token_sha256", Kind.TEXT, "SHA-256 of the token, hex: the token itself is kept nowhere", required=True),
        Field("session_id", Kind.UUID, "The sign-in that it descends from", required=True),
        Field("user_id", Kind.TEXT, "Whom it speaks for", required=True),
        Field("issued_at", Kind.TIMESTAMP, "When", required=True),
        Field("expires_at", Kind.TIMESTAMP, "Until when it is taken", required=True),
        Field("used_at", Kind.TIMESTAMP, "When the next one was given for it; given again after that, it was stolen"),
        Field("revoked_at", Kind.TIMESTAMP, "When its session was ended"),
    ),
    indexes=(Index(("session_id",)), Index(("user_id",)), Index(("revoked_at",), where="revoked_at IS NOT NULL")),
)
