"""Every refusal and failure as a problem document (RFC 9457). What went wrong inside goes to the log alone."""

import logging
from collections.abc import Mapping
from http import HTTPStatus

import psycopg
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.types import ExceptionHandlersMap

from nexus_data.api.documents import Problem
from nexus_data.api.parameters import written
from nexus_data.errors import (
    BusyError,
    ConflictError,
    NotAllowedError,
    NotThereError,
    QuestionError,
    ReportError,
    SessionError,
    SignInError,
    StaleCursorError,
    TokenError,
    TooLargeError,
    TooManyError,
    TraceError,
    UnseenError,
)

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_RETRY_SECONDS = "5"


def _problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response[Problem]:
    document = Problem(status=status, type="about:blank", title=HTTPStatus(status).phrase, detail=detail)
    return Response(
        document, status_code=status, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store", **(headers or {})}
    )


_REFUSALS = {
    400: "a parameter or the body does not fit; the detail says which and why",
    401: "no token, or one that is not accepted",
    403: "this is nobody's to see",
    404: "there is nothing of that name that you may see",
    409: "what was asked contradicts what happened meanwhile",
    413: "the body is larger than is taken",
    429: "too many requests; Retry-After says when to ask again",
    503: "no answer in time, or too many requests at once; Retry-After says when to ask again",
}


def refusals(*statuses: int) -> dict[int, ResponseSpec]:
    """What OpenAPI says of the refusals of a route."""
    return {status: _refusal(status, _REFUSALS[status]) for status in statuses}


def _refusal(status: int, detail: str) -> ResponseSpec:
    title = HTTPStatus(status).phrase
    example = Example(value={"status": status, "type": "about:blank", "title": title, "detail": detail})
    return ResponseSpec(Problem, description=detail, media_type=MEDIA_TYPE, examples=[example])


def refused(_: Request[object, object, State], error: TokenError) -> Response[Problem]:
    """401: no token, or one that is not accepted."""
    return _problem(401, str(error), {"WWW-Authenticate": "Bearer"})


def not_there(_: Request[object, object, State], error: TraceError | NotThereError) -> Response[Problem]:
    """404: nothing of that name, or nothing that is the bearer's own."""
    return _problem(404, str(error))


def unseen(_: Request[object, object, State], error: UnseenError) -> Response[Problem]:
    """404 and not 403, for an unknown user and for one that is not the asker's to see: which, is not told."""
    return _problem(404, str(error))


def overtaken(_: Request[object, object, State], error: StaleCursorError | ConflictError) -> Response[Problem]:
    """409: a publish came between the pages of an answer, or a request contradicts an earlier one."""
    return _problem(409, str(error))


def not_askable(_: Request[object, object, State], error: QuestionError | ReportError) -> Response[Problem]:
    """400: a question that names what is not there."""
    return _problem(400, str(error))


def not_allowed(_: Request[object, object, State], error: NotAllowedError) -> Response[Problem]:
    """403: known, and not for this role."""
    return _problem(403, str(error))


def too_large(_: Request[object, object, State], error: TooLargeError) -> Response[Problem]:
    """413: more than is taken at once."""
    return _problem(413, str(error))


def not_signed_in(_: Request[object, object, State], error: SignInError | SessionError) -> Response[Problem]:
    """401: an email and a password, or a refresh token, that do not open anything."""
    return _problem(401, str(error), {"WWW-Authenticate": "Bearer"})


def busy(_: Request[object, object, State], error: BusyError) -> Response[Problem]:
    """503, or 429 where one asker asks too much; both say when to ask again."""
    return _problem(429 if isinstance(error, TooManyError) else 503, str(error), {"Retry-After": str(error.seconds)})


def not_storable(_: Request[object, object, State], error: psycopg.DataError) -> Response[Problem]:
    """400: a value that no row can have, such as a text with a NUL or a date far out."""
    log.info("Postgres cannot take a value of a request: %s", type(error).__name__)
    return _problem(400, "a value of the request is none that the database can take")


def unavailable(_: Request[object, object, State], error: psycopg.OperationalError) -> Response[Problem]:
    """503: Postgres does not answer, or not in time."""
    log.warning("Postgres does not answer: %s", error)
    return _problem(503, "the database does not answer; try again in a moment", {"Retry-After": _RETRY_SECONDS})


def as_given(request: Request[object, object, State], error: HTTPException) -> Response[Problem]:
    """What the framework refuses: an unknown path, a method that is not allowed, a parameter that does not fit."""
    names = written(request.route_handler) if "route_handler" in request.scope else {}
    return _problem(error.status_code, f"{error.detail}{_particulars(error, names)}", error.headers)


def _particulars(error: HTTPException, names: Mapping[str, str]) -> str:
    """Which fields do not fit and why, by the names that were sent; never their values, which may be a password."""
    if not isinstance(error.extra, list):
        return ""
    told = [one for one in error.extra if isinstance(one, dict) and "message" in one]
    named = [(one.get("key", "the request"), one["message"]) for one in told]
    return "".join(f"; {names.get(key, key)}: {message}" for key, message in named)


def unexpected(request: Request[object, object, State], error: Exception) -> Response[Problem]:
    """500: a defect."""
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _problem(500, "the server failed to answer; the failure is in its log")


HANDLERS: ExceptionHandlersMap = {
    TokenError: refused,
    TraceError: not_there,
    UnseenError: unseen,
    NotThereError: not_there,
    ConflictError: overtaken,
    StaleCursorError: overtaken,
    NotAllowedError: not_allowed,
    TooLargeError: too_large,
    QuestionError: not_askable,
    ReportError: not_askable,
    SignInError: not_signed_in,
    SessionError: not_signed_in,
    BusyError: busy,
    psycopg.DataError: not_storable,
    psycopg.OperationalError: unavailable,
    HTTPException: as_given,
    Exception: unexpected,
}
