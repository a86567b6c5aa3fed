"""What is public to everybody, and may be kept by whoever stands between: the documentation, and nothing of anybody."""

import hashlib
from typing import Any

from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from nexus_data.api.ready import Ready, holds

PATHS = frozenset({"/api/docs", "/schema/openapi.json"})
_KEPT = (b"cache-control", b"public, max-age=300")


def public(app: ASGIApp) -> ASGIApp:
    """The application, whose answers to these paths have a strong entity tag, and 304 for who has them."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["path"] not in PATHS or scope["method"] != HttpMethod.GET:
            await app(scope, receive, send)
            return
        sent: list[Any] = []

        async def gathered(message: Message) -> None:
            sent.append(message)

        await app(scope, receive, gathered)
        await _told(scope, receive, send, sent)

    return answered


async def _told(scope: Scope, receive: Receive, send: Send, sent: list[Any]) -> None:
    begun, body = sent[0], b"".join(message.get("body", b"") for message in sent[1:])
    if begun["status"] != 200:
        for message in sent:
            await send(message)
        return
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    own = {b"cache-control", b"etag", b"content-length"}
    kept = [(name, value) for name, value in begun["headers"] if name.lower() not in own]
    headers = [*kept, _KEPT, (b"etag", etag.encode())]
    given = next((value for name, value in scope["headers"] if name == b"if-none-match"), b"").decode("latin-1")
    ready = Ready(304, headers, b"") if holds(given, etag) else Ready(200, headers, body)
    await ready.sent(scope, receive, send)
