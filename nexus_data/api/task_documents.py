"""The JSON documents about background tasks, as types: OpenAPI shows them, tests decode by them."""

from typing import Any, Literal

import msgspec

Status = Literal["pending", "running", "completed", "failed", "cancelled"]
Origin = Literal["api", "file"]


class Task(msgspec.Struct, forbid_unknown_fields=True):
    """One task. origin: asked for through the API, or told by a file. progress: 0 to 100. run_id: Dagster's.

    cancel_requested_at: somebody asked for its end; it is cancelled once its run has stopped, or completed if that was
    too late.
    """

    task_id: str
    user_id: str
    origin: Origin
    type: str
    title: str | None
    priority: str | None
    status: Status
    progress: float | None
    parameters: dict[str, Any] | None
    result: dict[str, Any] | None
    error_message: str | None
    idempotency_key: str | None
    created_at: str
    started_at: str | None
    finished_at: str | None
    updated_at: str | None
    cancel_requested_at: str | None
    run_id: str | None


class Tasks(msgspec.Struct, forbid_unknown_fields=True):
    """A page, newest first. next: the `cursor` of the next page; null: this is the last."""

    user_id: str
    generation: int
    tasks: list[Task]
    next: str | None


class TaskStatus(msgspec.Struct, forbid_unknown_fields=True):
    """How a user's tasks stand: how many by status. types: what can be asked for."""

    user_id: str
    generation: int
    types: tuple[str, ...]
    tasks: dict[Status, int]


class Uploaded(msgspec.Struct, forbid_unknown_fields=True):
    """A file that a task may name in `uploads`, for a day. upload_id: the SHA-256 of its bytes."""

    upload_id: str
    name: str
    size: int


TASK_EXAMPLE: dict[str, Any] = {
    "task_id": "0190a1de-7c1e-7bc4-a1b5-2f6a3c9d8e10",
    "user_id": "ada",
    "origin": "api",
    "type": "process_dataset",
    "title": "March statements",
    "priority": "normal",
    "status": "running",
    "progress": 42.5,
    "parameters": {"source": "rabobank", "uploads": [], "confirm_shrink": False},
    "result": None,
    "error_message": None,
    "idempotency_key": "march-2025",
    "created_at": "2025-04-01T09:00:00+00:00",
    "started_at": "2025-04-01T09:00:08+00:00",
    "finished_at": None,
    "updated_at": "2025-04-01T09:00:20+00:00",
    "cancel_requested_at": None,
    "run_id": "9d1c1f7e-4a63-4c8e-9f0f-3f6f5b0d2a11",
}
