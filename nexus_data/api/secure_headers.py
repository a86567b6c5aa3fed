"""Headers that every answer has, refusals and unknown paths too: what a browser must not do with it."""

from litestar.types import Message, Scope

_ALWAYS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


async def secure(message: Message, _scope: Scope) -> None:
    """Add them to an answer; what a route says itself stays (a page needs its own Content-Security-Policy)."""
    if message["type"] != "http.response.start":
        return
    headers = list(message["headers"])
    given = {name.lower() for name, _ in headers}
    message["headers"] = headers + [one for one in _ALWAYS if one[0] not in given]
