"""HEAD is answered like GET, without the body: every answer says by it whether it has changed, and how long it is."""

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

_ENDLESS = "/api/v3/events"


def headed(app: ASGIApp) -> ASGIApp:
    """The application, which answers HEAD wherever it answers GET with something that has an end."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "HEAD" or scope["path"] == _ENDLESS:
            await app(scope, receive, send)
            return
        ended = False

        async def sent(message: Message) -> None:
            nonlocal ended
            if message["type"] == "http.response.start":
                await send(message)
            elif not ended:
                ended = True
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        await app({**scope, "method": "GET"}, receive, sent)

    return answered
