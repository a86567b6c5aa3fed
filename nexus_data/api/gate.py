"""What every request to /api/v3 passes before its handler: its token, its asker's pace, and a limit of time.

A route is closed unless it says `opt={"public": True}`, so that one that is forgotten is refused and not open. What a
viewer may see is asked by `access`; how many requests are under way at once is not limited here.
"""

import asyncio

from litestar import Request
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from nexus_data.api.access import viewer_of
from nexus_data.api.addresses import client_address
from nexus_data.api.bearer import NO_TOKEN, token_of
from nexus_data.api.parameters import demand_known
from nexus_data.errors import BusyError, TokenError


def gate(app: ASGIApp) -> ASGIApp:
    """The application behind the gate; WebSockets, which name their token otherwise, let themselves in."""

    async def passed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            if scope.get("auth") is None:  # else `short_way` has let it in
                _let_in(scope)
            demand_known(scope)
            await _in_time(app, scope, receive, send)
        else:
            await app(scope, receive, send)

    return passed


def _let_in(scope: Scope) -> None:
    """Say who looks (`scope["auth"]`). TokenError for nobody; TooManyError for who asks too often."""
    state: State = scope["litestar_app"].state
    token = token_of(scope)
    public = scope["route_handler"].opt.get("public", False)
    try:
        viewer = None if token is None else viewer_of(state.verifier.verify(token))
    except TokenError:
        if not public:
            state.pace.demand(_address(scope))
            raise
        viewer = None
    if viewer is None:
        state.pace.demand(_address(scope))
        if not public:
            raise TokenError(NO_TOKEN)
    else:
        state.pace.demand(viewer.user_id)
    scope["auth"] = viewer


def _address(scope: Scope) -> str:
    # No user id begins so in our tokens' claims and in this: a user cannot use up the pace of an address.
    return f"\x00{client_address(Request[object, object, State](scope))}"


async def _in_time(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """BusyError when the answer has not begun in time; a stream that has may go on."""
    timeout = asyncio.timeout(scope["litestar_app"].state.request_seconds)

    async def begun(message: Message) -> None:
        if message["type"] == "http.response.start":
            timeout.reschedule(None)
        await send(message)

    try:
        async with timeout:
            await app(scope, receive, begun)
    except TimeoutError:
        if not timeout.expired():
            raise
        raise BusyError("this took too long and was given up; ask for less, or again later", seconds=5) from None
