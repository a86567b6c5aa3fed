"""Several reads in one request, all of one generation: each goes the way of its own route. Nothing is read here."""

import asyncio
import re
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import unquote

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import JSONBody

from nexus_data.api.access import Viewer
from nexus_data.api.answer import JSON, Generation
from nexus_data.api.layers import current_generation
from nexus_data.api.responses import refusal
from nexus_data.api.stores import Stores
from nexus_data.errors import BusyError, QuestionError

MOST = 20
_TRIES = 5
# What is published, and so is of a generation; not what waits, changes anything or never ends.
_READS = re.compile(r"/(projects|trading-operations|provenance|data/quality-metrics)(/|\?|$)")
_OF_THE_CLIENT = frozenset({"type", "asgi", "http_version", "scheme", "client", "server", "root_path"})
_KEPT_HEADERS = (b"authorization", b"host", b"user-agent", b"x-forwarded-for", b"x-request-id", b"traceparent")


_Path = Annotated[str, msgspec.Meta(max_length=4096)]


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """Paths below /api/v3, with their queries, each answered as a GET."""

    requests: Annotated[list[_Path], msgspec.Meta(min_length=1, max_length=MOST)]


class One(msgspec.Struct):
    """What the path would have been answered with by itself: its status, and the document or the problem."""

    path: str
    status: int
    body: dict[str, Any]


class Batch(msgspec.Struct):
    """The answers, in the order asked for. All were made in this generation, refusals as well."""

    generation: int
    answers: list[One]


class Answered(msgspec.Struct):
    """The same as `One`, with the body as the route gave it: nothing is read or written anew."""

    path: str
    status: int
    body: msgspec.Raw


_RESPONSES = {
    200: ResponseSpec(
        Batch,
        description="Answers, those that refuse among them. X-Data-Generation: the generation of all",
        examples=[
            Example(
                value={
                    "generation": 7,
                    "answers": [
                        {"path": "/projects/p-1", "status": 404, "body": {"status": 404, "title": "Not Found"}},
                        {"path": "/trading-operations?limit=1", "status": 200, "body": {"operations": []}},
                    ],
                }
            )
        ],
    ),
    **{status: refusal(status) for status in (400, 401, 503)},
}


@post("/batch", status_code=200, responses=_RESPONSES, security=[{"bearer": []}], tags=["batch"])
async def batch(
    request: Request[object, object, State],
    stores: NamedDependency[Stores],
    viewer: NamedDependency[Viewer],  # noqa: ARG001 - nobody asks in a batch what nobody may ask
    data: JSONBody[Wanted],
) -> Response[bytes]:
    """Answer several GETs of published data in one generation; when publishes overtake it time and again, 503."""
    generation, answers = await answered_together(request, stores, data.requests)
    document = msgspec.json.encode({"generation": generation, "answers": answers})
    headers = {"X-Data-Generation": str(generation), "Cache-Control": "no-store"}
    return Response(document, headers=headers, media_type=JSON)


async def answered_together(
    request: Request[object, object, State], stores: Stores, paths: Sequence[str]
) -> tuple[int, list[Answered]]:
    """The generation, and the answers. QuestionError for a path that is no read of published data; BusyError."""
    for path in paths:
        if not _READS.match(path):
            raise QuestionError(f"{path!r} is no read of published data: /projects/..., /trading-operations..., ...")
    before = await current_generation(stores)
    for _ in range(_TRIES):
        answers = await asyncio.gather(*(_one(request, path) for path in paths))
        after = await current_generation(stores)
        # Generations only go up: what was asked between two equal ones was of that one, refusals too.
        if after == before:
            return (after or Generation(0, "")).number, list(answers)
        before = after
    raise BusyError("publishes overtook these reads time and again; ask again in a moment")


async def _one(request: Request[object, object, State], path: str) -> Answered:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await request.app(_scope(request, path), receive, send)
    status = next(message["status"] for message in sent if message["type"] == "http.response.start")
    body = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    return Answered(path, status, msgspec.Raw(body or b"null"))


def _scope(request: Request[object, object, State], path: str) -> Any:
    """The request for that path, as if the same client had sent it by itself."""
    own, (where, _, question) = request.scope, path.partition("?")
    full = request.url.path.removesuffix("/batch") + where
    return {
        **{name: value for name, value in own.items() if name in _OF_THE_CLIENT},
        "method": "GET",
        "path": unquote(full),
        "raw_path": full.encode(),
        "query_string": question.encode(),
        "headers": [(name, value) for name, value in own["headers"] if name in _KEPT_HEADERS],
        "state": {},
        "extensions": {},
    }
