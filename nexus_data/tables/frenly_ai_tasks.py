"""The platform's background tasks."""

from nexus_data.tables.model import PROVENANCE, Field, Index, Kind, Table

FRENLY_AI_TASKS = Table(
    name="frenly_ai_tasks",
    doc="One row per background task: its newest state.",
    key=("task_id",),
    version="updated_at",
    fields=(
        Field("task_id", Kind.TEXT, "The task's id", required=True),
        Field("user_id", Kind.TEXT, "Who asked for it", required=True),
        Field("type", Kind.TEXT, "process_dataset, generate_report, cleanup_old_data, ...", required=True),
        Field("title", Kind.TEXT, "As shown"),
        Field("priority", Kind.TEXT, "As given"),
        Field(
            "status",
            Kind.TEXT,
            "Where it stands",
            required=True,
            values=("pending", "running", "completed", "failed", "cancelled"),
        ),
        Field("progress", Kind.MONEY, "Share done, 0 to 100", non_negative=True),
        Field("parameters", Kind.JSON, "What it was asked with"),
        Field("result", Kind.JSON, "What came out"),
        Field("error_message", Kind.TEXT, "Why it failed"),
        Field("idempotency_key", Kind.TEXT, "The asker's key: one task a key"),
        Field("created_at", Kind.TIMESTAMP, "When it was asked for", required=True),
        Field("started_at", Kind.TIMESTAMP, "When it started"),
        Field("finished_at", Kind.TIMESTAMP, "When it ended"),
        Field("updated_at", Kind.TIMESTAMP, "When it last changed: a later one supersedes"),
        *PROVENANCE,
    ),
    indexes=(
        Index(("user_id", "status", "created_at")),
        Index(("user_id", "created_at")),
        Index(("status", "created_at")),
        Index(("created_at",)),
    ),
)
