"""What deserves somebody's attention, since when, and who was told. When it does is decided in `nexus_data/alerts/`."""

from nexus_data.tables.model import Field, Index, Kind, Table

SEVERITIES = ("warning", "critical")
EVENTS = ("fired", "resolved")

ALERTS = Table(
    name="alerts",
    doc="One row per time that something went wrong, from its firing to its end; at most one is open for a subject.",
    key=("alert_id",),
    fields=(
        Field("alert_id", Kind.UUID, "First 128 bits of the SHA-256 of kind, subject and fired_at", required=True),
        Field("kind", Kind.TEXT, "What is wrong, such as source_late", required=True),
        Field("subject", Kind.TEXT, "With what: a source, a job, a check, a folder", required=True),
        Field("severity", Kind.TEXT, "How bad", required=True, values=SEVERITIES),
        Field("message", Kind.TEXT, "For people: what was seen when it was last looked at", required=True),
        Field("fired_at", Kind.TIMESTAMP, "When it was first seen", required=True),
        Field("seen_at", Kind.TIMESTAMP, "When it was last seen", required=True),
        Field("resolved_at", Kind.TIMESTAMP, "When it was found to be over; null while it is not"),
    ),
    indexes=(Index(("kind", "subject"), unique=True, where="resolved_at IS NULL"), Index(("fired_at",))),
)

ALERT_DELIVERIES = Table(
    name="alert_deliveries",
    doc="One row per alert, event and channel: written with the alert, so that a killed process forgets nobody.",
    key=("alert_id", "event", "channel"),
    fields=(
        Field("alert_id", Kind.UUID, "The alert", required=True),
        Field("event", Kind.TEXT, "What is told", required=True, values=EVENTS),
        Field("channel", Kind.TEXT, "`log`, or scheme and a hash of a URL of NEXUS_NOTIFY", required=True),
        Field("attempts", Kind.INTEGER, "How often it was tried", required=True, non_negative=True),
        Field("due_at", Kind.TIMESTAMP, "When to try next: later and later, a day at most", required=True),
        Field("sent_at", Kind.TIMESTAMP, "When it was delivered; null while it is not"),
        Field("error", Kind.TEXT, "What the last try came to"),
    ),
    indexes=(Index(("due_at",), where="sent_at IS NULL"),),
)
