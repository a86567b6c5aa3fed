"""Answers that are kept, given before the framework comes in: the gate, which generation is current, ready bytes.

Only what went the long way before goes this way: a path with its query, as a role asks it for itself, has once been
answered by its handler, which said what the answer is of (`Subject`). Everything else, refusals too, is left to the
framework. What is asked, and whose data anybody sees, is not decided here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import psycopg
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from nexus_data.api.access import NAMED, Viewer, viewer_of
from nexus_data.api.answer import Answer, Subject
from nexus_data.api.bearer import Verifier
from nexus_data.api.layers import current_state, kept
from nexus_data.api.ready import Ready, answer_headers, holds
from nexus_data.api.secure_headers import BESIDE_CACHING
from nexus_data.api.stores import Stores
from nexus_data.api.throttle import Pace
from nexus_data.errors import NexusError

_LONGEST = 1024


class _Asked(NamedTuple):
    """What a learned way is found by: nothing but this, and who asks, may decide what the answer is of."""

    path: str
    query: bytes
    accept: bytes
    role: str | None


class _Headers(NamedTuple):
    """Those that matter; None: not given."""

    authorization: bytes | None
    accept: bytes | None
    if_none_match: bytes | None


@dataclass(frozen=True, slots=True)
class _Way:
    """subject: of nobody, where `own` puts whoever asks. route: as measures name it."""

    subject: Subject
    own: bool
    route: str


class ShortWay:
    """Stands before the framework; until `open` is called, everything is the framework's. most: ways that it learns."""

    def __init__(self, framework: ASGIApp, *, most: int = 4096) -> None:
        self.framework = framework
        self.most = most
        self._ways: dict[_Asked, _Way] = {}
        self._verifier: Verifier | None = None

    def open(self, stores: Stores, *, verifier: Verifier, pace: Pace) -> None:
        """From now on, answer."""
        self._stores, self._pace, self._verifier = stores, pace, verifier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["method"] == "GET" and self._verifier is not None:
            headers = _read(scope["headers"])
            answer = headers and await self._held(scope, headers, self._verifier)
            if headers and answer:
                await self._give(answer, headers, scope, receive, send)
                return
        await self.framework(scope, receive, send)

    def learn(self, scope: Scope, subject: Subject) -> None:
        """A handler has answered this request with what is of that subject."""
        looking: Viewer = scope["auth"]
        headers = _read(scope["headers"])
        if headers is None or NAMED in scope or subject.user_id not in (None, looking.user_id):
            return
        asked = _Asked(scope["path"], scope["query_string"], headers.accept or b"", looking.role)
        if len(asked.path) + len(asked.query) + len(asked.accept) > _LONGEST or asked in self._ways:
            return
        if len(self._ways) >= self.most:
            self._ways.pop(next(iter(self._ways)))
        own = subject.user_id is not None
        self._ways[asked] = _Way(subject._replace(user_id=None), own, scope.get("path_template") or "(none)")

    async def _held(self, scope: Scope, headers: _Headers, verifier: Verifier) -> Answer | None:
        """The answer that is kept, after the gate; None where the framework is to answer, or to refuse."""
        token = _token(headers.authorization)
        if token is None:
            return None
        try:
            looking = viewer_of(verifier.verify(token))
            way = self._ways.get(_Asked(scope["path"], scope["query_string"], headers.accept or b"", looking.role))
            if way is None:
                return None
            self._pace.demand(looking.user_id)
            # The gate need not be passed twice.
            scope["auth"] = looking
            now = await current_state(self._stores)
        except (NexusError, psycopg.OperationalError):
            return None
        if now is None:
            return None
        subject = way.subject._replace(user_id=looking.user_id) if way.own else way.subject
        answer = await kept(self._stores, subject, now)
        if answer is not None:
            scope["path_template"] = way.route
        return answer

    async def _give(self, answer: Answer, headers: _Headers, scope: Scope, receive: Receive, send: Send) -> None:
        held = headers.if_none_match is not None and holds(headers.if_none_match.decode("latin-1"), answer.etag)
        self._stores.near.counts.client.add(held)
        given = [*answer_headers(answer), *BESIDE_CACHING]
        ready = Ready(304, given, b"") if held else Ready(200, given, answer.document)
        await ready.sent(scope, receive, send)


def _read(headers: Iterable[tuple[bytes, bytes]]) -> _Headers | None:
    """None where one that matters is there twice: the framework says what that means."""
    authorization = accept = if_none_match = None
    for name, value in headers:
        if name == b"authorization":
            if authorization is not None:
                return None
            authorization = value
        elif name == b"accept":
            if accept is not None:
                return None
            accept = value
        elif name == b"if-none-match":
            if if_none_match is not None:
                return None
            if_none_match = value
    return _Headers(authorization, accept, if_none_match)


def _token(authorization: bytes | None) -> str | None:
    if authorization is None or authorization[:7] != b"Bearer ":
        return None
    return authorization[7:].decode("latin-1").strip()
