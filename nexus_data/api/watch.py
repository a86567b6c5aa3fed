"""What stands before every request: measuring it, and refusing it when too many are under way. It knows no routes.

All requests are limited, and those to which nothing kept is an answer once more. These cost ten times as much, so many
more of the others may wait: when a publish makes every reader ask at once, they are served and not sent away.
"""

import logging
import time
from typing import TYPE_CHECKING

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from nexus_data.api.documents import Problem
from nexus_data.api.measures import Measures
from nexus_data.api.secure_headers import ALWAYS
from nexus_data.api.tracing import Tracing
from nexus_data.watching import SLOW_REQUEST_SECONDS

if TYPE_CHECKING:
    from opentelemetry.trace import Span

log = logging.getLogger(__name__)

_RETRY_SECONDS = b"1"
_REFUSED = "(busy)"
_ALWAYS = frozenset({"/health/live", "/health/ready", "/metrics"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUSY = msgspec.json.encode(
    Problem(
        status=503,
        type="about:blank",
        title="Service Unavailable",
        detail="more requests are under way than can be answered soon; try again in a second",
    )
)
_BUSY_HEADERS = [
    (b"content-type", b"application/problem+json"),
    (b"content-length", str(len(_BUSY)).encode()),
    (b"retry-after", _RETRY_SECONDS),
    *ALWAYS,
]


class Watch:
    """The application behind, measured. most: as many requests may wait for the beginning of their answer at once.

    A stream (server-sent events) counts until it begins; WebSockets do not count.
    """

    def __init__(self, app: ASGIApp, measures: Measures, *, most: int, tracing: Tracing | None = None) -> None:
        self._app = app
        self.measures = measures
        self.tracing = tracing
        self._most = most
        self.in_flight = 0
        self._quiet_until = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0
        if self.in_flight >= self._most and scope["path"] not in _ALWAYS:
            await _refuse(send)
            self.measures.answered(_method(scope), _REFUSED, 503, time.perf_counter() - started)
            return
        self.in_flight += 1
        span = self.tracing.begin(scope) if self.tracing else None

        async def sent(message: Message) -> None:
            nonlocal status
            if not status and message["type"] == "http.response.start":
                status = message["status"]
                self._began(scope, status, time.perf_counter() - started, span)
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            if not status:  # the client went away before its answer
                self._began(scope, 499, time.perf_counter() - started, span)

    def asked(self, query: str, seconds: float) -> None:
        """Postgres has answered a statement, or refused it."""
        self.measures.asked(query, seconds)
        if self.tracing:
            self.tracing.asked(query, seconds)

    def _began(self, scope: Scope, status: int, seconds: float, span: "Span | None") -> None:
        self.in_flight -= 1
        method, route = _method(scope), scope.get("path_template") or "(none)"
        self.measures.answered(method, route, status, seconds)
        if self.tracing and span:
            self.tracing.end(span, method=method, route=route, status=status)
        # One line a second at most: a server that is slow to all must not spend its time on saying so.
        if seconds >= SLOW_REQUEST_SECONDS and (now := time.monotonic()) >= self._quiet_until:
            self._quiet_until = now + 1
            log.warning("slow: %s %s took %.2f s (status %d)", method, route, seconds, status)


class Limit:
    """The application behind, in which at most so many requests may wait for the beginning of their answer at once."""

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self._app = app
        self._most = most
        self.waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["path"] in _ALWAYS:
            await self._app(scope, receive, send)
            return
        if self.waiting >= self._most:
            scope["path_template"] = _REFUSED
            await _refuse(send)
            return
        waits = True

        async def sent(message: Message) -> None:
            nonlocal waits
            if waits:
                waits = False
                self.waiting -= 1
            await send(message)

        self.waiting += 1
        try:
            await self._app(scope, receive, sent)
        finally:
            if waits:
                self.waiting -= 1


async def _refuse(send: Send) -> None:
    await send({"type": "http.response.start", "status": 503, "headers": _BUSY_HEADERS})
    await send({"type": "http.response.body", "body": _BUSY, "more_body": False})


def _method(scope: Scope) -> str:
    """As given, or `other`: whoever invents methods must not make measures."""
    given = str(scope.get("method"))
    return given if given in _METHODS else "other"
