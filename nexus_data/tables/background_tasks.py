"""Tasks asked for through the API. Those that files tell of are in frenly_ai_tasks, which only the pipeline writes."""

from nexus_data.tables.frenly_ai_tasks import FRENLY_AI_TASKS
from nexus_data.tables.model import Field, Index, Kind, Table

PRIORITIES = ("low", "normal", "high")

_SHARED = ("task_id", "user_id", "type", "title", "status", "progress", "parameters", "result", "error_message")
_TIMES = ("created_at", "started_at", "finished_at")

BACKGROUND_TASKS = Table(
    name="background_tasks",
    doc="One row per task that was asked for through the API: its newest state. No file tells of it, so it is no part "
    "of the lake, the ledger or a generation; answers show it beside frenly_ai_tasks.",
    key=("task_id",),
    fields=(
        *(FRENLY_AI_TASKS.field(name) for name in _SHARED),
        Field("priority", Kind.TEXT, "How soon its run leaves Dagster's queue", required=True, values=PRIORITIES),
        Field("idempotency_key", Kind.TEXT, "The asker's key: one task a user and key", required=True),
        Field("request_sha256", Kind.TEXT, "Of the request, so that a key is not used for another one", required=True),
        *(FRENLY_AI_TASKS.field(name) for name in _TIMES),
        Field("updated_at", Kind.TIMESTAMP, "When it last changed", required=True),
        Field("claimed_at", Kind.TIMESTAMP, "When the scheduler took it: from then on it may have a run"),
        Field("cancel_requested_at", Kind.TIMESTAMP, "When somebody asked to cancel it"),
        Field("run_id", Kind.TEXT, "The newest Dagster run that works on it"),
    ),
    indexes=(
        Index(("user_id", "idempotency_key"), unique=True),
        Index(("user_id", "status", "created_at")),
        Index(("user_id", "created_at")),
        Index(("created_at",), where="status IN ('pending', 'running')"),
    ),
)

BACKGROUND_TASK_CHANGES = Table(
    name="background_task_changes",
    doc="One row: how often background_tasks was written to. A trigger counts, in the transaction that writes, so that "
    "an answer kept under this number is never older than the tasks.",
    key=("one",),
    fields=(
        Field("one", Kind.INTEGER, "Always 1", required=True),
        Field("changes", Kind.INTEGER, "So many statements", required=True, non_negative=True),
    ),
    checks=("one = 1",),
)
