"""Headers that every answer has, refusals and unknown paths too: what a browser must not do with it."""

from collections.abc import Sequence

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from nexus_data.api.addresses import Network, is_trusted

BESIDE_CACHING: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")
ALWAYS = (*BESIDE_CACHING, (b"cache-control", b"no-store"))


def secured(app: ASGIApp) -> ASGIApp:
    """The application, whose answers have them; what a route says itself stays (a page needs its own policy)."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message["headers"])
                given = {name.lower() for name, _ in headers}
                message["headers"] = headers + [one for one in ALWAYS if one[0] not in given]
            await send(message)

        await app(scope, receive, sent)

    return answered


def https_only(app: ASGIApp, proxies: Sequence[Network]) -> ASGIApp:
    """The application, which tells who came by HTTPS, as a trusted proxy says, to come so always (RFC 6797)."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], _HTTPS_ONLY]
            await send(message)

        came_so = scope["type"] == ScopeType.HTTP and _by_https(scope, proxies)
        await app(scope, receive, sent if came_so else send)

    return answered


def _by_https(scope: Scope, proxies: Sequence[Network]) -> bool:
    peer = scope["client"]
    told = [value for name, value in scope["headers"] if name == b"x-forwarded-proto"]
    return bool(peer and told and told[-1] == b"https" and is_trusted(peer[0], proxies))
