"""Routes under /api/v3/frenly-ai: the platform's background tasks."""

import asyncio
from typing import Annotated

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody, QueryParameter

from nexus_data.api import tasks as questions
from nexus_data.api.access import MAY_CLEAN_UP, Scope, Viewer, demand_sight
from nexus_data.api.answer import Answer
from nexus_data.api.conditional import respond
from nexus_data.api.documents import Problem
from nexus_data.api.problems import MEDIA_TYPE
from nexus_data.api.stores import Stores
from nexus_data.api.task_documents import TASK_EXAMPLE, Origin, Status, Task, Tasks, TaskStatus, Uploaded
from nexus_data.background.requests import CleanupOldData, GenerateReport, TaskRequest
from nexus_data.background.uploads import Upload, waiting_bytes
from nexus_data.errors import NotAllowedError, TooLargeError, UnseenError
from nexus_data.report.period import period
from nexus_data.settings import Settings

_FILES_KEPT = 16
"""So many of the largest files of one user are kept at once: whoever may send files must not fill the disk."""

_KEY = HeaderParameter(
    name="Idempotency-Key",
    min_length=1,
    max_length=200,
    description="Yours: the same key and body give the same task, however often they are sent",
)


def _problem(description: str) -> ResponseSpec:
    return ResponseSpec(Problem, description=description, media_type=MEDIA_TYPE)


def _task(description: str) -> ResponseSpec:
    return ResponseSpec(Task, description=description, examples=[Example(value=TASK_EXAMPLE)])


_REFUSED = {401: _problem("No token, or one that is not accepted"), 503: _problem("Postgres does not answer")}
_UNCHANGED = {304: ResponseSpec(None, description="Unchanged since the answer with the ETag in If-None-Match")}
_ABSENT = {404: _problem("No such task, or none of yours")}


@get("/status", responses={200: ResponseSpec(TaskStatus, description="Counts"), **_UNCHANGED, **_REFUSED})
async def tasks_status(
    request: Request[object, object, State], stores: NamedDependency[Stores], user_id: NamedDependency[str]
) -> Response[bytes]:
    """How many tasks the user has by status, and which types of task can be asked for."""
    return respond(request, await questions.task_status(stores, user_id=user_id))


@get(
    "/tasks",
    responses={200: ResponseSpec(Tasks, description="A page"), 400: _problem("No cursor"), **_UNCHANGED, **_REFUSED},
)
async def list_tasks(
    request: Request[object, object, State],
    stores: NamedDependency[Stores],
    user_id: NamedDependency[str],
    status: FromQuery[Status | None] = None,
    task_type: Annotated[str | None, QueryParameter(name="type")] = None,
    origin: FromQuery[Origin | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=questions.MOST, description="Tasks a page")] = 100,
    offset: Annotated[int, QueryParameter(ge=0, le=100_000, description="Tasks to pass over; a cursor is faster")] = 0,
    cursor: Annotated[str | None, QueryParameter(description="`next` of the page before; none: the first page")] = None,
) -> Response[bytes]:
    """The user's background tasks, newest first: those asked for here, and those that landed files tell of."""
    wanted = questions.Wanted(status=status, type=task_type, origin=origin, offset=offset)
    return respond(request, await questions.tasks(stores, user_id=user_id, wanted=wanted, limit=limit, cursor=cursor))


@get("/tasks/{task_id:str}", responses={200: _task("It"), **_ABSENT, **_UNCHANGED, **_REFUSED})
async def show_task(
    request: Request[object, object, State],
    stores: NamedDependency[Stores],
    viewer: NamedDependency[Viewer],
    task_id: FromPath[str],
) -> Response[bytes]:
    """One task: where it stands, how far it has come, what came out or why it failed."""
    answer, owner = await questions.task(stores, task_id=task_id)
    try:
        await demand_sight(request, viewer, user_id=owner)
    except UnseenError:
        raise questions.no_such_task(task_id) from None
    return respond(request, answer)


@post(
    "/tasks",
    responses={
        200: _task("The task that this key stands for already"),
        201: _task("A new task, which waits for the scheduler; Location names it"),
        400: _problem("No Idempotency-Key, or a request that cannot be"),
        403: _problem("A task that is not for your role"),
        409: _problem("The key stands for another request"),
        **_REFUSED,
    },
)
async def make_task(
    request: Request[object, object, State],
    stores: NamedDependency[Stores],
    viewer: NamedDependency[Viewer],
    data: JSONBody[TaskRequest],
    key: Annotated[str, _KEY],
) -> Response[bytes]:
    """Ask for a background task. It is written down durably, and becomes a Dagster run that does it once."""
    await _demand_right(request, viewer, data)
    made, new = await questions.make(stores, user_id=viewer.user_id, key=key, request=data)
    return _told(made, status=201 if new else 200)


async def _demand_right(request: Request[object, object, State], viewer: Viewer, asked: TaskRequest) -> None:
    if isinstance(asked, CleanupOldData) and viewer.role not in MAY_CLEAN_UP:
        raise NotAllowedError(f"cleanup_old_data is for the role {' or '.join(sorted(MAY_CLEAN_UP))}")
    if isinstance(asked, GenerateReport):
        period(asked.parameters.period)
        if asked.parameters.role is not None and viewer.scope is not Scope.ALL:
            raise NotAllowedError("the report of a role is for roles that see everybody")
        await demand_sight(request, viewer, user_id=asked.parameters.user_id or viewer.user_id)


def _told(answer: Answer, *, status: int) -> Response[bytes]:
    task_id = msgspec.json.decode(answer.document, type=Task).task_id
    headers = {"Location": f"/api/v3/frenly-ai/tasks/{task_id}", "Cache-Control": "no-store"}
    return Response(answer.document, status_code=status, headers=headers, media_type="application/json")


@post(
    "/tasks/{task_id:str}/cancel",
    responses={202: _task("Its end is asked for"), 409: _problem("It has ended"), **_ABSENT, **_REFUSED},
)
async def cancel_task(
    stores: NamedDependency[Stores], viewer: NamedDependency[Viewer], task_id: FromPath[str]
) -> Response[bytes]:
    """Ask for a task's end: at once while it waits, else as soon as its run has stopped. Published data stays."""
    _, owner = await questions.task(stores, task_id=task_id)
    if owner != viewer.user_id:
        raise questions.no_such_task(task_id)
    return _told(await questions.cancel(stores, task_id=task_id), status=202)


@post(
    "/uploads",
    responses={
        201: ResponseSpec(Uploaded, description="Kept for a day, for a task to name"),
        413: _problem("Larger than NEXUS_MAX_UPLOAD_BYTES, or than sixteen times that with your others of the day"),
        **_REFUSED,
    },
    request_max_body_size=None,
)
async def upload(
    request: Request[object, object, State],
    settings: NamedDependency[Settings],
    viewer: NamedDependency[Viewer],
    name: Annotated[str, QueryParameter(description="The file's name, from which some contracts read")],
) -> Response[bytes]:
    """Send a file, as the request's whole body, for a process_dataset task. The same bytes have the same id."""
    there = await asyncio.to_thread(waiting_bytes, settings.home, user_id=viewer.user_id)
    coming = await asyncio.to_thread(Upload, settings.home, viewer.user_id, name)
    try:
        async for block in request.stream():
            _demand_room(coming.size + len(block), settings.max_upload_bytes, there=there)
            await asyncio.to_thread(coming.write, block)
        upload_id = await asyncio.to_thread(coming.kept)
    finally:
        coming.close()
    document = Uploaded(upload_id=upload_id, name=coming.name, size=coming.size)
    return Response(msgspec.json.encode(document), status_code=201, media_type="application/json")


def _demand_room(size: int, limit: int, *, there: int) -> None:
    if size > limit:
        detail = f"the file is larger than {limit} bytes (NEXUS_MAX_UPLOAD_BYTES); put it into the landing folder"
        raise TooLargeError(detail)
    if there + size > limit * _FILES_KEPT:
        detail = f"your uploads of a day are larger than {limit * _FILES_KEPT} bytes together; they are kept for a day"
        raise TooLargeError(detail)


TASKS = Router(
    "/frenly-ai",
    route_handlers=[tasks_status, list_tasks, show_task, make_task, cancel_task, upload],
    security=[{"bearer": []}],
    tags=["background tasks"],
)
