"""The route /api/v3/data/standardize: what a run would make of records, and nothing stored."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State, UploadFile
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType
from litestar.params import QueryParameter

from nexus_data.api.access import Viewer
from nexus_data.api.bunches import Bunches
from nexus_data.api.documents import Problem
from nexus_data.api.problems import MEDIA_TYPE
from nexus_data.errors import QuestionError, TooLargeError
from nexus_data.trial.files import MOST_RECORDS, judge_file
from nexus_data.trial.outcome import Standardized, document
from nexus_data.trial.records import read

MOST_BYTES = 1024**2


class Sent(msgspec.Struct, forbid_unknown_fields=True):
    """The JSON body: records as the source has them, raw names and texts; numbers are taken digit by digit."""

    records: list[msgspec.Raw]


_decode = msgspec.json.Decoder(Sent).decode


def _problem(description: str) -> ResponseSpec:
    return ResponseSpec(Problem, description=description, media_type=MEDIA_TYPE)


_RECORD = {"exec_id": "e1", "transact_time": "2024-01-05T10:00:00Z", "type": "expense", "category": "purchase"}
_EXAMPLE = {"records": [{**_RECORD, "amount": "10.00", "currency": "EUR"}]}
_BYTES = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
_OBJECTS = Schema(type=OpenAPIType.ARRAY, items=Schema(type=OpenAPIType.OBJECT))
_BODY = RequestBody(
    required=True,
    description="JSON records, or a small file: as a form with one file in it, or as the body itself",
    content={
        "application/json": OpenAPIMediaType(
            schema=Schema(
                type=OpenAPIType.OBJECT, properties={"records": _OBJECTS}, required=["records"], examples=[_EXAMPLE]
            )
        ),
        "multipart/form-data": OpenAPIMediaType(
            schema=Schema(
                type=OpenAPIType.OBJECT,
                properties={"file": _BYTES},
            )
        ),
        "application/octet-stream": OpenAPIMediaType(schema=_BYTES),
    },
)


@dataclass
class _Documented(Operation):
    """The operation with its body, which no parameter of the handler has: it is read as it comes."""

    def __post_init__(self) -> None:
        self.request_body = _BODY


@post(
    "/data/standardize",
    status_code=200,
    request_max_body_size=MOST_BYTES,
    operation_class=_Documented,
    security=[{"bearer": []}],
    tags=["data"],
    responses={
        200: ResponseSpec(Standardized, description="Rows, rejected and skipped records, quality and rules"),
        400: _problem("No contract reads it, or the body is not what its Content-Type says"),
        401: _problem("No token, or one that is not accepted"),
        413: _problem(f"More than {MOST_BYTES} bytes or {MOST_RECORDS} records"),
        503: _problem("Too many others are being answered, or the file takes too long"),
    },
)
async def standardize_data(
    request: Request[object, object, State],
    viewer: NamedDependency[Viewer],
    contract: Annotated[
        str | None, QueryParameter(description="source/dataset, or source; none: found by the header")
    ] = None,
    name: Annotated[str, QueryParameter(description="The file's name, from which some contracts read")] = "file",
) -> Response[bytes]:
    """What a run would make of these records, by the same kernel: nothing is stored, looked up or de-duplicated.

    Records that name no user are the bearer's own.
    """
    bunches: Bunches = request.app.state.bunches
    if request.content_type[0] == "application/json":
        answer = await judged(bunches, await request.body(), contract=contract, owner=viewer.user_id)
    else:
        answer = await _of_file(request, contract=contract, owner=viewer.user_id, name=name)
    return Response(answer, media_type="application/json", headers={"Cache-Control": "no-store"})


async def judged(bunches: Bunches, body: bytes, *, contract: str | None, owner: str) -> bytes:
    """The document about the records of a JSON body.

    QuestionError for a body that is none, or names that no contract has; TooLargeError; BusyError.
    """
    try:
        sent = _decode(body)
    except msgspec.DecodeError as error:
        raise QuestionError(f'the body must be {{"records": [{{...}}, ...]}}: {error}') from error
    if len(sent.records) > MOST_RECORDS:
        raise TooLargeError(f"these are {len(sent.records)} records; send at most {MOST_RECORDS} at once")
    records = read(list(map(bytes, sent.records)), contract=contract, owner=owner)
    return document(records.recipe.source, await bunches.judge(records))


async def _of_file(request: Request[Any, Any, State], *, contract: str | None, owner: str, name: str) -> bytes:
    content, name = await _file(request, name)
    bunches: Bunches = request.app.state.bunches
    source, found = await bunches.alone(partial(judge_file, content, name=name, contract=contract, owner=owner))
    return document(source, found)


async def _file(request: Request[Any, Any, State], name: str) -> tuple[bytes, str]:
    if request.content_type[0] != "multipart/form-data":
        return await request.body(), name
    files = [part for part in (await request.form()).values() if isinstance(part, UploadFile)]
    if len(files) != 1:
        raise QuestionError("the form must have one file in it")
    return await files[0].read(), files[0].filename or name
