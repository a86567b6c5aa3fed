"""The reports that were written."""

from nexus_data.tables.model import Field, Index, Kind, Table

FORMATS = ("html", "pdf", "xlsx")

REPORTS = Table(
    name="reports",
    doc="One row per written report: of a user or of a role, of a period as one generation tells it.",
    key=("report_id",),
    fields=(
        Field("report_id", Kind.UUID, "First 128 bits of the SHA-256 of what follows, up to generation", required=True),
        Field("user_id", Kind.TEXT, "Whose report; null: that of a role"),
        Field("role", Kind.TEXT, "The role whose users it is of; null: that of a user"),
        Field("period", Kind.TEXT, "2025-03-14, 2025-W09, 2025-03, 2025-Q1 or 2025", required=True),
        Field("format", Kind.TEXT, "How it is written", required=True, values=FORMATS),
        Field("generation", Kind.INTEGER, "The generation that it tells of", required=True),
        Field("path", Kind.TEXT, "Its file, under the home", required=True),
        Field("sha256", Kind.TEXT, "Of the file's bytes, hex", required=True),
        Field("size", Kind.INTEGER, "Bytes", required=True, non_negative=True),
        Field("created_at", Kind.TIMESTAMP, "When it was written", required=True),
        Field("removed_at", Kind.TIMESTAMP, "When cleanup removed its file; null: it is there"),
    ),
    indexes=(
        Index(("user_id", "created_at"), where="user_id IS NOT NULL"),
        Index(("role", "created_at"), where="role IS NOT NULL"),
    ),
    checks=("user_id IS NULL AND role IS NOT NULL OR user_id IS NOT NULL AND role IS NULL",),
)
