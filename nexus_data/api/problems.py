"""Every refusal and failure as a problem document (RFC 9457). What went wrong inside goes to the log alone."""

import logging
from http import HTTPStatus

import psycopg
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from nexus_data.api.documents import Problem
from nexus_data.errors import (
    BusyError,
    ConflictError,
    NotThereError,
    QuestionError,
    StaleCursorError,
    TokenError,
    TooLargeError,
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


def not_askable(_: Request[object, object, State], error: QuestionError) -> Response[Problem]:
    """400: a question that names what is not there."""
    return _problem(400, str(error))


def too_large(_: Request[object, object, State], error: TooLargeError) -> Response[Problem]:
    """413: more than is taken at once."""
    return _problem(413, str(error))


def busy(_: Request[object, object, State], error: BusyError) -> Response[Problem]:
    """503: what would be done at another time."""
    return _problem(503, str(error), {"Retry-After": "1"})


def unavailable(_: Request[object, object, State], error: psycopg.OperationalError) -> Response[Problem]:
    """503: Postgres does not answer, or not in time."""
    log.warning("Postgres does not answer: %s", error)
    return _problem(503, "the database does not answer; try again in a moment", {"Retry-After": _RETRY_SECONDS})


def as_given(_: Request[object, object, State], error: HTTPException) -> Response[Problem]:
    """What the framework refuses: an unknown path, a method that is not allowed."""
    return _problem(error.status_code, error.detail, error.headers)


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
    TooLargeError: too_large,
    BusyError: busy,
    QuestionError: not_askable,
    psycopg.OperationalError: unavailable,
    HTTPException: as_given,
    Exception: unexpected,
}
