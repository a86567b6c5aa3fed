"""Records to try, as JSON by a bearer, answered before the framework comes in, which costs more than reading them does.

Whatever is not plainly so (a form, a file, a refusal, an odd header) goes to the framework with the body that was read,
so that it alone says what a refusal is. What becomes of records is decided elsewhere.
"""

import asyncio
import re
from urllib.parse import unquote

import msgspec
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from nexus_data.api.access import Viewer, viewer_of
from nexus_data.api.bearer import token_of
from nexus_data.api.documents import Problem
from nexus_data.api.ready import Ready
from nexus_data.api.secure_headers import ALWAYS
from nexus_data.api.standardize import MOST_BYTES, judged
from nexus_data.errors import NexusError

PATH = "/api/v3/data/standardize"
_JSON = (b"content-type", b"application/json")
_ASKED = re.compile(rb"(?:contract=([\w./%-]+))?", re.ASCII)
_LATE = Problem(
    status=503,
    type="about:blank",
    title="Service Unavailable",
    detail="this took too long and was given up; ask for less, or again later",
)
_LATE_HEADERS = ((b"content-type", b"application/problem+json"), (b"retry-after", b"5"))


class ShortTrial:
    """Stands before the framework. state: the application's, from the beginning of its life on."""

    def __init__(self, framework: ASGIApp, state: State) -> None:
        self._framework = framework
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "POST" or scope["path"] != PATH:
            await self._framework(scope, receive, send)
            return
        asked, looking = _ASKED.fullmatch(scope["query_string"]), self._let_in(scope)
        if asked is None or looking is None or _JSON not in scope["headers"]:
            await self._framework(scope, receive, send)
            return
        scope["path_template"] = PATH
        body = bytearray()
        contract = unquote(asked[1].decode()) if asked[1] else None
        try:
            async with asyncio.timeout(self._state.request_seconds):
                more = await _read(receive, body)
                answer = None if more else await self._answer(bytes(body), contract, looking)
        except TimeoutError:
            late = Ready(503, (*_LATE_HEADERS, *ALWAYS), msgspec.json.encode(_LATE))
            await late.sent(scope, receive, send)
            return
        if answer is None:
            await self._framework(scope, _again(bytes(body), receive, more=more), send)
        else:
            await Ready(200, (_JSON, *ALWAYS), answer).sent(scope, receive, send)

    def _let_in(self, scope: Scope) -> Viewer | None:
        """As `gate`, which need not be passed twice; None where it is to refuse."""
        token = token_of(scope)
        if token is None:
            return None
        try:
            looking = viewer_of(self._state.verifier.verify(token))
            self._state.pace.demand(looking.user_id)
        except NexusError:
            return None
        scope["auth"] = looking
        return looking

    async def _answer(self, body: bytes, contract: str | None, looking: Viewer) -> bytes | None:
        try:
            return await judged(self._state.bunches, body, contract=contract, owner=looking.user_id)
        except Exception:  # noqa: BLE001 - the framework finds it again, and says or logs what it is
            return None


async def _read(receive: Receive, body: bytearray) -> bool:
    """Read the body; whether there is more of it, because it is too long or the client went away."""
    while len(body) <= MOST_BYTES:
        message = await receive()
        if message["type"] != "http.request":
            return True
        body += message["body"]
        if not message["more_body"]:
            return len(body) > MOST_BYTES
    return True


def _again(body: bytes, receive: Receive, *, more: bool) -> Receive:
    """What has been read, and then the rest."""
    told = False

    async def received() -> object:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": more}

    return received  # type: ignore[return-value]
