"""A response that is bytes already, headers too: building one anew from parts costs more than looking its answer up."""

from collections.abc import Sequence
from typing import Any

from litestar import Response
from litestar.response.base import ASGIResponse
from litestar.status_codes import HTTP_304_NOT_MODIFIED
from litestar.types import Receive, Scope, Send

Headers = Sequence[tuple[bytes, bytes]]


class Ready(Response[bytes]):
    """What a handler returns in place of a `Response`; headers are lower-case and complete but for the length."""

    def __init__(self, status: int, headers: Headers, body: bytes) -> None:
        # Not the base's: it would take the headers apart only to encode them again.
        self.status_code = status
        self.content = body
        length = ((b"content-length", b"%d" % len(body)),) if status != HTTP_304_NOT_MODIFIED else ()
        self._sent = _Sent(status, [*headers, *length], body)

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIResponse:
        """The response as it is sent."""
        return self._sent


class _Sent(ASGIResponse):
    def __init__(self, status: int, headers: Headers, body: bytes) -> None:
        self.status_code = status
        self.body = body
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the protocol's own
        await send({"type": "http.response.start", "status": self.status_code, "headers": self._headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})
