"""A response that is bytes already, headers too: building one anew from parts costs more than looking its answer up."""

import re
from collections.abc import Sequence
from typing import Any

from litestar import Response
from litestar.response.base import ASGIResponse
from litestar.status_codes import HTTP_304_NOT_MODIFIED
from litestar.types import Receive, Scope, Send

from nexus_data.api.answer import Answer, entity_tag

Headers = Sequence[tuple[bytes, bytes]]

_TAG = re.compile(r'"[^"]*"')
_ALWAYS = ((b"cache-control", b"private, no-cache"), (b"vary", b"Accept, Authorization"))


def answer_headers(answer: Answer) -> list[tuple[bytes, bytes]]:
    """What is said of an answer: private, and checked on each use."""
    etag = answer.etag or entity_tag(answer.document, generation=answer.generation)
    return [
        (b"etag", etag.encode()),
        (b"x-data-generation", b"%d" % answer.generation),
        (b"x-served-from", answer.served_from.encode()),
        (b"content-type", answer.media_type.encode()),
        *_ALWAYS,
    ]


def holds(if_none_match: str | None, etag: str) -> bool:
    """Whether the client has what that entity tag stands for (RFC 9110)."""
    return if_none_match is not None and (if_none_match.strip() == "*" or etag in _TAG.findall(if_none_match))


class Ready(Response[bytes]):
    """What a handler returns in place of a `Response`; headers are lower-case and complete but for the length."""

    def __init__(self, status: int, headers: Headers, body: bytes) -> None:
        # Not the base's: it would take the headers apart only to encode them again.
        self.status_code = status
        self.content = body
        length = ((b"content-length", b"%d" % len(body)),) if status != HTTP_304_NOT_MODIFIED else ()
        self.sent = _Sent(status, [*headers, *length], body)

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIResponse:
        """The response as it is sent."""
        return self.sent


class _Sent(ASGIResponse):
    def __init__(self, status: int, headers: Headers, body: bytes) -> None:
        self.status_code = status
        self.body = body
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the protocol's own
        await send({"type": "http.response.start", "status": self.status_code, "headers": self._headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})
