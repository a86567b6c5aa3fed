"""Routes under /api/v3/auth: signing in and out."""

from typing import Annotated

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import JSONBody

from nexus_data.api import sessions, signing_in
from nexus_data.api.access import Viewer
from nexus_data.api.addresses import client_address
from nexus_data.api.conditional import respond
from nexus_data.api.problems import refusals
from nexus_data.api.signing_in import Door, Me, Tokens
from nexus_data.api.stores import Stores
from nexus_data.errors import TokenError

Requested = Request[object, object, State]
_REFUSED = refusals(400, 401, 413, 429, 503)
_NO_STORE = {"Cache-Control": "no-store"}


class Credentials(msgspec.Struct, forbid_unknown_fields=True):
    """Who signs in."""

    email: Annotated[str, msgspec.Meta(min_length=1, max_length=320)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]


class Refresh(msgspec.Struct, forbid_unknown_fields=True):
    """The refresh token of a session."""

    refresh_token: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


@post("/login", status_code=200, opt={"public": True}, responses=_REFUSED, security=[])
async def login(
    request: Requested, stores: NamedDependency[Stores], door: NamedDependency[Door], data: JSONBody[Credentials]
) -> Response[Tokens]:
    """Sign in: a short-lived access token, and a refresh token for the next pair."""
    address = client_address(request)
    found = await signing_in.sign_in(door, stores, email=data.email, password=data.password, address=address)
    return Response(found, headers=_NO_STORE)


@post("/refresh", status_code=200, opt={"public": True}, responses=_REFUSED, security=[])
async def refresh(
    stores: NamedDependency[Stores], door: NamedDependency[Door], data: JSONBody[Refresh]
) -> Response[Tokens]:
    """The next tokens of a session. A refresh token given twice ends its session, for one of the two has stolen it."""
    return Response(await signing_in.refresh(door, stores, refresh_token=data.refresh_token), headers=_NO_STORE)


@post(
    "/logout",
    status_code=204,
    opt={"public": True},
    responses=_REFUSED,
    security=[{}, {"bearer": []}],
)
async def logout(
    request: Requested,
    stores: NamedDependency[Stores],
    door: NamedDependency[Door],
    data: JSONBody[Refresh | None] = None,
) -> None:
    """End a session: that of the refresh token where one is given, else that of the bearer's access token."""
    if data is not None:
        await sessions.end(stores, door.ended, refresh_token=data.refresh_token)
        return
    looking: Viewer | None = request.scope["auth"]
    if looking is None:
        raise TokenError("say which session ends: by its access token, or by its refresh_token in the body")
    if looking.session_id is not None:
        await sessions.end_of_bearer(stores, door.ended, session_id=looking.session_id, user_id=looking.user_id)


@get("/me", security=[{"bearer": []}], responses=refusals(401, 429, 503))
async def whoami(request: Requested, stores: NamedDependency[Stores], viewer: NamedDependency[Viewer]) -> Response[Me]:
    """Who the bearer is, in which role, and whose data it may see."""
    return respond(request, await signing_in.me(stores, viewer))  # type: ignore[return-value]


AUTH = Router("/auth", route_handlers=[login, refresh, logout, whoami], tags=["auth"])
