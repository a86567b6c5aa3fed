"""Signing in, and what users are told of themselves. HTTP, passwords and sessions have modules of their own."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import psycopg

from nexus_data.api import sessions
from nexus_data.api.access import Viewer
from nexus_data.api.answer import NOTHING_YET, Answer, Generation, Subject
from nexus_data.api.layers import Made, Question, answered
from nexus_data.api.password_checks import PasswordChecks
from nexus_data.api.sessions import Ended, Session
from nexus_data.api.stores import Stores, writing
from nexus_data.api.throttle import Attempts
from nexus_data.errors import SignInError
from nexus_data.settings import Settings
from nexus_data.sql import query
from nexus_data.tokens import SigningKeys, sign

log = logging.getLogger(__name__)

_REFUSED = "this email and this password do not go together, or the account is closed"


class Tokens(msgspec.Struct, forbid_unknown_fields=True):
    """What a signed-in client holds. expires_in, refresh_expires_in: seconds from now.

    The refresh token is taken once, for the next pair; given twice, the session ends.
    """

    access_token: str
    expires_in: int
    refresh_token: str
    refresh_expires_in: int
    token_type: str = "Bearer"  # noqa: S105 (the name of a scheme)


class Me(msgspec.Struct, forbid_unknown_fields=True):
    """Who the bearer is. role: as granted, which widens what it may see to scope; primary_pov_role: as files say."""

    user_id: str
    role: str | None
    scope: str
    email: str | None = None
    display_name: str | None = None
    primary_pov_role: str | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """What signing in needs of one API process."""

    keys: SigningKeys
    checks: PasswordChecks
    attempts: Attempts
    ended: Ended
    token_lifetime: timedelta
    session_lifetime: timedelta


@asynccontextmanager
async def opened(settings: Settings, stores: Stores, keys: SigningKeys) -> AsyncIterator[Door]:
    """The door of a process, for the time of the context."""
    checks, ended = PasswordChecks(), Ended(token_seconds=settings.access_seconds)
    try:
        async with ended.kept(stores):
            yield Door(
                keys=keys,
                checks=checks,
                attempts=Attempts(stores.cache),
                ended=ended,
                token_lifetime=timedelta(seconds=settings.access_seconds),
                session_lifetime=timedelta(seconds=settings.session_seconds),
            )
    finally:
        checks.close()


async def sign_in(door: Door, stores: Stores, *, email: str, password: str, address: str) -> Tokens:
    """A new session. SignInError whatever is wrong of the two; TooManyError, BusyError."""
    await door.attempts.count(email=email, address=address)
    account = await _account(stores, email)
    same = await door.checks.check(account[1] if account else None, password)
    if account is None or not same or not account[3]:
        log.warning("refused a sign-in from %s", address)
        raise SignInError(_REFUSED)
    await door.attempts.forgive(email=email, address=address)
    await _renew(door, stores, user_id=account[0], kept=account[1], password=password)
    log.info("user %r signed in from %s", account[0], address)
    begun = await sessions.begin(stores, user_id=account[0], role=account[2], lifetime=door.session_lifetime)
    return _tokens(door, begun)


async def _renew(door: Door, stores: Stores, *, user_id: str, kept: str, password: str) -> None:
    """Keep the password by today's parameters: only who signs in can bring it."""
    after = await door.checks.renewed(kept, password)
    if after is None:
        return
    try:
        async with writing(stores) as database:
            values = {"user_id": user_id, "before": kept, "after": after}
            await database.execute(query("api/rehash_password"), values)
    except psycopg.errors.InsufficientPrivilege as error:
        log.warning("the hash of a password by old parameters stays: %s", error)


async def refresh(door: Door, stores: Stores, *, refresh_token: str) -> Tokens:
    """The next tokens of a session. SessionError when the refresh token is not taken."""
    return _tokens(door, await sessions.go_on(stores, door.ended, refresh_token=refresh_token))


async def me(stores: Stores, viewer: Viewer) -> Answer:
    """Who the viewer is."""
    subject = Subject(f"me:{viewer.role or ''}", viewer.user_id)
    return await answered(stores, Question(subject, lambda: _me(stores, viewer)))


async def _account(stores: Stores, email: str) -> tuple[Any, ...] | None:
    if "\x00" in email:
        return None
    async with stores.writes.connection() as database:
        try:
            return await (await database.execute(query("api/sign_in_account"), {"email": email})).fetchone()
        except psycopg.errors.UndefinedTable:
            return None


def _tokens(door: Door, session: Session) -> Tokens:
    left = session.ends_at - datetime.now(UTC)
    lifetime = min(door.token_lifetime, left)
    token = sign(
        session.user_id, key=door.keys.current, lifetime=lifetime, role=session.role, session_id=session.session_id
    )
    return Tokens(
        access_token=token,
        expires_in=int(lifetime.total_seconds()),
        refresh_token=session.refresh_token,
        refresh_expires_in=int(left.total_seconds()),
    )


async def _me(stores: Stores, viewer: Viewer) -> Made:
    async with stores.database.connection() as database:
        try:
            row = await (await database.execute(query("api/user_profile"), {"user_id": viewer.user_id})).fetchone()
        except psycopg.errors.UndefinedTable:
            row = None
    told = Me(viewer.user_id, viewer.role, viewer.scope, *(row[2:] if row else ()))
    return Made(msgspec.json.encode(told), Generation(row[0], row[1]) if row else NOTHING_YET)
