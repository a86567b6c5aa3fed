"""Routes by which readers hear of publishes: /api/v3/events (server-sent events) and /api/v3/ws (WebSocket)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, WebSocket, get, websocket
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import WebSocketDisconnect
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from nexus_data.api.access import viewer_of
from nexus_data.api.bearer import Verifier, token_of
from nexus_data.api.documents import Problem
from nexus_data.api.events import Event, Hub, Published, Reader
from nexus_data.api.problems import MEDIA_TYPE
from nexus_data.errors import BusyError, TokenError, TooManyError
from nexus_data.tokens import Bearer

BEAT_SECONDS = 15.0
_HELLO_SECONDS = 10.0
_HELLO_BYTES = 16_384
_TOKEN_ENDED, _SLOW, _NO_HELLO = 4401, 1013, 4400

_Since = Annotated[int, msgspec.Meta(ge=0, le=2**62)] | None


class Hello(msgspec.Struct, forbid_unknown_fields=True):
    """The first message on a WebSocket. since: the last generation seen, to hear what was missed; null: from now on."""

    token: str
    since: _Since = None


class _Beat(msgspec.Struct, tag_field="event", tag="heartbeat"):
    generation: int


@dataclass(frozen=True, slots=True)
class Pass:
    """The token by which somebody listens, for as long as it is accepted: it may expire, and its session may end."""

    token: str
    verifier: Verifier
    bearer: Bearer

    @property
    def seconds_left(self) -> float:
        """Until it expires; 0 when it is not accepted any more."""
        try:
            self.verifier.verify(self.token)
        except TokenError:
            return 0.0
        return (self.bearer.expires_at - datetime.now(UTC)).total_seconds()


async def news(hub: Hub, reader: Reader, *, since: int | None, shown: Pass) -> AsyncIterator[Event | _Beat]:
    """Events in order, each once: what was missed, then what comes; a heartbeat when nothing has come for a while.

    Ends when the token does, or when the reader was too slow.
    """
    told = since if since is not None else -1
    for event in await hub.missed(reader, since=since) if since is not None else ():
        told = event.generation
        yield event
    while not reader.dropped.is_set() and (left := shown.seconds_left) > 0:
        try:
            event = await asyncio.wait_for(reader.waiting.get(), min(left, BEAT_SECONDS))
        except TimeoutError:
            if left > BEAT_SECONDS:
                yield _Beat(hub.newest or 0)
            continue
        # The token may have ended while this was waited for.
        if event.generation > told and shown.seconds_left > 0:
            told = event.generation
            yield event


_RESPONSES = {
    200: ResponseSpec(
        Published,
        description="text/event-stream: each event's id is its generation, its data this document; comments as "
        "heartbeats. It ends with the token, or when it is not read as fast as it comes: then connect again",
        media_type="text/event-stream",
    ),
    401: ResponseSpec(Problem, description="No token, or one that is not accepted", media_type=MEDIA_TYPE),
    503: ResponseSpec(Problem, description="Too many connections", media_type=MEDIA_TYPE),
}


@get("/events", responses=_RESPONSES, security=[{"bearer": []}], tags=["events"])
async def server_sent_events(
    request: Request[object, object, State],
    since: Annotated[int | None, QueryParameter(ge=0, le=2**62, description="The last generation seen")] = None,
    last_event_id: Annotated[
        int | None, HeaderParameter(name="Last-Event-ID", ge=0, le=2**62, description="As browsers send it")
    ] = None,
) -> Stream:
    """Hear of each publish: what it changed of your data, or of all that your role sees."""
    hub: Hub = request.app.state.hub
    shown = _pass(request, token_of(request.scope) or "")
    reader = await hub.subscribe(viewer_of(shown.bearer))
    seen = last_event_id if last_event_id is not None else since
    lines = _lines(hub, reader, since=seen, shown=shown)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Stream(lines, media_type="text/event-stream", headers=headers)


async def _lines(hub: Hub, reader: Reader, *, since: int | None, shown: Pass) -> AsyncIterator[bytes]:
    # A reader that reads no more would keep this waiting in the transport; who drops it, ends it.
    ending = asyncio.create_task(_end_when_dropped(reader, asyncio.current_task()))
    try:
        yield b": connected\n\n"
        async for event in news(hub, reader, since=since, shown=shown):
            yield _line(event)
    finally:
        ending.cancel()
        hub.unsubscribe(reader)


async def _end_when_dropped(reader: Reader, task: "asyncio.Task[Any] | None") -> None:
    await reader.dropped.wait()
    if task is not None:
        task.cancel()


def _line(event: Event | _Beat) -> bytes:
    if isinstance(event, _Beat):
        return b": heartbeat\n\n"
    name = "published" if isinstance(event, Published) else "missed"
    data = msgspec.json.encode(event)
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.generation, name.encode(), data)


@websocket("/ws")
async def websocket_events(socket: WebSocket[object, object, State]) -> None:
    """The same as `/events`. Authorization: the header, or the first message: {"token": "...", "since": 12}."""
    await socket.accept()
    hub: Hub = socket.app.state.hub
    try:
        shown, since = await _greeted(socket)
        socket.app.state.pace.demand(shown.bearer.user_id)
        reader = await hub.subscribe(viewer_of(shown.bearer))
    except (TokenError, BusyError, TooManyError, msgspec.DecodeError, TimeoutError) as error:
        await socket.close(code=_code(error), reason=str(error)[:120])
        return
    except WebSocketDisconnect:
        return
    try:
        await _served(socket, hub, reader, since=since, shown=shown)
    finally:
        hub.unsubscribe(reader)


def _code(error: Exception) -> int:
    if isinstance(error, TokenError):
        return _TOKEN_ENDED
    return _SLOW if isinstance(error, BusyError | TooManyError) else _NO_HELLO


def _pass(connection: ASGIConnection[Any, Any, Any, State], token: str) -> Pass:
    verifier: Verifier = connection.app.state.verifier
    return Pass(token, verifier, verifier.verify(token))


async def _greeted(socket: WebSocket[Any, Any, State]) -> tuple[Pass, int | None]:
    if token := token_of(socket.scope):
        return _pass(socket, token), _since(socket.query_params.get("since"))
    text = await asyncio.wait_for(socket.receive_text(), _HELLO_SECONDS)
    hello = msgspec.json.decode(text[:_HELLO_BYTES], type=Hello)
    return _pass(socket, hello.token), hello.since


def _since(text: str | None) -> int | None:
    return None if text is None else msgspec.convert(text, _Since, strict=False)


async def _served(
    socket: WebSocket[Any, Any, State], hub: Hub, reader: Reader, *, since: int | None, shown: Pass
) -> None:
    """Send until one end has enough: the client goes, it is too slow, or its token ends."""
    sending = asyncio.create_task(_send(socket, hub, reader, since=since, shown=shown))
    ends = {sending, asyncio.create_task(_gone(socket)), asyncio.create_task(reader.dropped.wait())}
    done, open_ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    for task in open_:
        task.cancel()
    await asyncio.gather(*open_, return_exceptions=True)
    if reader.dropped.is_set():
        await socket.close(code=_SLOW, reason="events came faster than they were read; connect again")
    elif sending in done and sending.exception() is None:
        await socket.close(code=_TOKEN_ENDED, reason="the token is accepted no more; connect again with a new one")


async def _send(
    socket: WebSocket[Any, Any, State], hub: Hub, reader: Reader, *, since: int | None, shown: Pass
) -> None:
    async for event in news(hub, reader, since=since, shown=shown):
        await socket.send_data(msgspec.json.encode(event).decode())


async def _gone(socket: WebSocket[Any, Any, State]) -> None:
    """Return once the client has gone; what it says meanwhile is passed over."""
    try:
        while True:
            await socket.receive_data("text")
    except WebSocketDisconnect:
        return
