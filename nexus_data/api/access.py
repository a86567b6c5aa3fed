"""Who looks, and at whose data: the one table of what roles widen, and the question that every read asks.

Who is asking is told by the token (`bearer`, `gate`); which rows there are is no matter of this module.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import psycopg
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import PermissionDeniedException
from litestar.params import QueryParameter

from nexus_data.api.stores import Stores
from nexus_data.errors import UnseenError
from nexus_data.sql import query
from nexus_data.tokens import Bearer

_REMEMBERED = 50_000
_REMEMBERED_SECONDS = 10.0


class Scope(StrEnum):
    """Whose data a viewer sees; each includes the one before."""

    OWN = "own"
    ASSIGNED = "assigned"
    ALL = "all"


WIDENS: Mapping[str, Scope] = {
    # They look for what nobody pointed out to them yet.
    "auditor": Scope.ALL,
    "compliance_officer": Scope.ALL,
    # They look into the cases that were given to them, and into no others.
    "financial_examiner": Scope.ASSIGNED,
    "prosecutor": Scope.ASSIGNED,
    "judge": Scope.ASSIGNED,
    # Their own projects are what they answer for.
    "executive": Scope.OWN,
}
"""What each primary_pov_role widens, once a person has granted it. No role, or an unknown one: own."""


MAY_CLEAN_UP = frozenset({"compliance_officer"})
"""The roles that may have old data removed, and see what would be: it is everybody's."""


NAMED = "nexus.named"
"""The key of a request's scope that says that the request names the user whose data it asks for."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, in which granted role, and so at whose data. session_id: the sign-in; None: a command's token."""

    user_id: str
    role: str | None
    scope: Scope
    session_id: str | None = None


def viewer_of(token: Bearer) -> Viewer:
    """The viewer that an accepted token makes."""
    return Viewer(token.user_id, token.role, WIDENS.get(token.role or "", Scope.OWN), token.session_id)


def viewer(request: Request[object, object, State]) -> Viewer:
    """Who looks: the bearer of the token that the gate accepted."""
    looking: Viewer = request.scope["auth"]
    return looking


def demand_all(looking: Viewer) -> None:
    """For sums over everybody's records. PermissionDeniedException unless the viewer may see every user."""
    if looking.scope is not Scope.ALL:
        raise PermissionDeniedException("these are sums over everybody's records; they are for who may see every user")


async def subject(
    request: Request[object, object, State],
    viewer: NamedDependency[Viewer],
    asked: Annotated[
        str | None, QueryParameter(name="user_id", description="Whose data; none: the bearer's own")
    ] = None,
) -> str:
    """The user whose data are asked for, after `demand_sight`: what a handler that reads takes as its `user_id`."""
    if asked is None:
        return viewer.user_id
    # The way of another's answer, or of one's own by name, is none that `short_way` may learn for everybody.
    request.scope[NAMED] = True  # type: ignore[literal-required]
    if asked == viewer.user_id:
        return asked
    await demand_sight(request, viewer, user_id=asked)
    return asked


async def demand_sight(request: ASGIConnection[Any, Any, Any, State], looking: Viewer, *, user_id: str) -> None:
    """Raise UnseenError unless the viewer may see that user; own data always.

    A user that there is not, and one that is not the viewer's to see, are refused in the same words: else anybody could
    learn who has an account. psycopg.OperationalError when Postgres does not answer.
    """
    if user_id == looking.user_id:
        return
    state = request.app.state
    if looking.scope is Scope.OWN or not await state.sight.reaches(state.stores, looking, user_id=user_id):
        raise UnseenError("there is no such user whose data you may see")


class Sight:
    """Answers whom a viewer may see, and remembers each yes for ten seconds: a dashboard asks ten questions at once."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, Scope, str], float] = {}

    async def reaches(self, stores: Stores, looking: Viewer, *, user_id: str) -> bool:
        """Whether there is such a user, and the viewer may see it."""
        key = (looking.user_id, looking.scope, user_id)
        if self._seen.get(key, 0.0) > time.monotonic():
            return True
        self._seen.pop(key, None)
        if not await _asked(stores, looking, user_id):
            return False
        if len(self._seen) >= _REMEMBERED:
            self._seen.pop(next(iter(self._seen)))
        self._seen[key] = time.monotonic() + _REMEMBERED_SECONDS
        return True


async def _asked(stores: Stores, looking: Viewer, user_id: str) -> bool:
    values = {"viewer": looking.user_id, "subject": user_id, "any_user": looking.scope is Scope.ALL}
    async with stores.database.connection() as database:
        try:
            row = await (await database.execute(query("api/may_see_user"), values)).fetchone()
        except psycopg.errors.UndefinedTable:
            return False
    return bool(row and row[0])
