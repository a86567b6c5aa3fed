"""Headers that every answer has, refusals and unknown paths too: what a browser must not do with it."""

from litestar.types import ASGIApp, Message, Receive, Scope, Send

BESIDE_CACHING: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
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
