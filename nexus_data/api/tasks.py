"""The questions behind the routes of background tasks. A new task is a row in Postgres; the scheduler does the rest."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from nexus_data.api.answer import NOTHING_YET, Answer, Generation, Subject
from nexus_data.api.layers import Made, Question, answered
from nexus_data.api.stores import Stores, writing
from nexus_data.api.task_documents import Status, TaskStatus
from nexus_data.background.requests import TYPES, TaskRequest, request_sha256, task_type
from nexus_data.cursors import packed, unpacked
from nexus_data.errors import ConflictError, NotThereError
from nexus_data.sql import query

MOST = 500


class Wanted(msgspec.Struct, frozen=True):
    """Which tasks, and from where on; None: any."""

    status: str | None = None
    type: str | None = None
    origin: str | None = None
    offset: int = 0


class Cursor(msgspec.Struct, array_like=True, frozen=True):
    """The last task of a page."""

    created_at: datetime
    task_id: str


class _Page(msgspec.Struct):
    user_id: str
    generation: int
    tasks: list[msgspec.Raw]
    next: str | None


async def tasks(stores: Stores, *, user_id: str, wanted: Wanted, limit: int, cursor: str | None) -> Answer:
    """A page of a user's tasks, newest first. QuestionError for a cursor that is none."""
    after = unpacked(cursor, Cursor) if cursor is not None else None
    values = msgspec.to_builtins(wanted) | {"user_id": user_id, "size": limit + 1, "skip": wanted.offset}
    values |= {"after_time": after.created_at if after else None, "after_id": after.task_id if after else None}
    subject = Subject(f"tasks:{packed((wanted, limit, cursor))}", user_id, of_tasks=True)
    return await answered(stores, Question(subject, lambda: _page(stores, values, limit)))


async def _page(stores: Stores, values: dict[str, Any], limit: int) -> Made:
    # The primary, always: a replica may know tasks as they were.
    async with stores.database.connection() as database:
        rows = await (await database.execute(query("api/frenly_ai_tasks_page"), values)).fetchall()
    generation, changes = _moment(rows[0])
    found = [row[3:] for row in rows if row[4] is not None]
    page = _Page(
        user_id=values["user_id"],
        generation=generation.number,
        tasks=[msgspec.Raw(row[2].encode()) for row in found[:limit]],
        next=packed(Cursor(*found[limit - 1][:2])) if len(found) > limit else None,
    )
    return Made(msgspec.json.encode(page), generation, changes)


def _moment(row: TupleRow) -> tuple[Generation, int]:
    return (NOTHING_YET if row[0] is None else Generation(row[0], row[1])), row[2]


async def task(stores: Stores, *, task_id: str) -> tuple[Answer, str]:
    """One task and whose it is; NotThereError when there is none."""
    async with stores.database.connection() as database:
        row = await (await database.execute(query("api/frenly_ai_task"), {"task_id": task_id})).fetchone()
    if row is None:
        raise no_such_task(task_id)
    return Answer(row[2].encode(), row[0], "postgres"), row[1]


def no_such_task(task_id: str) -> NotThereError:
    """Also said of a task that the asker may not see."""
    return NotThereError(f"there is no task {task_id!r}")


async def make(stores: Stores, *, user_id: str, key: str, request: TaskRequest) -> tuple[Answer, bool]:
    """The task under that key and whether it is new. ConflictError when the key stands for another request."""
    digest = request_sha256(request)
    values = {
        "task_id": str(uuid4()),
        "user_id": user_id,
        "type": task_type(request),
        "title": request.title,
        "priority": request.priority,
        "parameters": Jsonb(msgspec.to_builtins(request.parameters)),
        "idempotency_key": key,
        "request_sha256": digest,
    }
    async with writing(stores) as database:
        new = await (await database.execute(query("background/insert"), values)).fetchone()
        # A statement of its own, so that it sees the task that another request has made meanwhile.
        row = await (await database.execute(query("background/by_key"), values)).fetchone()
    if row is None or row[1] != digest:
        raise ConflictError(f"Idempotency-Key {key!r} was used for another request; take a new key for a new task")
    return (await task(stores, task_id=row[0]))[0], new is not None


async def cancel(stores: Stores, *, task_id: str) -> Answer:
    """Ask for a task's end, and how it stands then. ConflictError when it has ended, or no run of ours works on it."""
    async with writing(stores) as database:
        row = await (await database.execute(query("background/cancel"), {"task_id": task_id})).fetchone()
    now, _ = await task(stores, task_id=task_id)
    if row is None:
        raise ConflictError(f"task {task_id} cannot be cancelled: it has ended, or only a file tells of it")
    return now


async def task_status(stores: Stores, *, user_id: str) -> Answer:
    """How many tasks the user has, by status."""
    subject = Subject("task-status", user_id, of_tasks=True)
    return await answered(stores, Question(subject, lambda: _status(stores, user_id)))


async def _status(stores: Stores, user_id: str) -> Made:
    async with stores.database.connection() as database:
        row = await (await database.execute(query("api/frenly_ai_status"), {"user_id": user_id})).fetchone()
    generation, changes = _moment(row) if row else (NOTHING_YET, 0)
    counted = msgspec.json.decode(row[3] if row else "{}", type=dict[Status, int])
    document = TaskStatus(user_id=user_id, generation=generation.number, types=TYPES, tasks=counted)
    return Made(msgspec.json.encode(document), generation, changes)
