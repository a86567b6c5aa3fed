"""Sessions: a sign-in and the refresh tokens that descend from it, each taken once. Passwords are elsewhere.

An access token is not asked for in the database: its session's end reaches every API process within two seconds, by
`Ended`. A session ends for good some days after its sign-in, however often it was refreshed.
"""

import asyncio
import hashlib
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg

from nexus_data.api.stores import Stores, writing
from nexus_data.errors import SessionError
from nexus_data.sql import query

log = logging.getLogger(__name__)

_TOKEN_BYTES = 32
_LOOK_SECONDS = 2.0
_REFUSED = "this refresh token is not taken: sign in again"


@dataclass(frozen=True, slots=True)
class Session:
    """A session that goes on. refresh_token: the only one of it that is taken; ends_at: when it ends for good."""

    session_id: str
    user_id: str
    role: str | None
    refresh_token: str
    ends_at: datetime


async def begin(stores: Stores, *, user_id: str, role: str | None, lifetime: timedelta) -> Session:
    """A new session of a user. psycopg.OperationalError when Postgres does not answer."""
    async with writing(stores) as database:
        return await _give(database, uuid4(), user_id, role, datetime.now(UTC) + lifetime)


async def go_on(stores: Stores, ended: "Ended", *, refresh_token: str) -> Session:
    """The session with its next refresh token, and the role that is granted by now.

    SessionError when the token is not taken. Given a second time, it was stolen, or its successor was: nobody can tell
    which, so the whole session ends.
    """
    values = {"token_sha256": _sha256(refresh_token)}
    async with writing(stores) as database:
        used = await (await database.execute(query("api/use_refresh_token"), values)).fetchone()
        account = used and await (await database.execute(query("api/account_of_user"), {"user_id": used[1]})).fetchone()
        if used and account and account[1]:
            return await _give(database, used[0], used[1], account[0], used[2])
    await end(stores, ended, refresh_token=refresh_token)
    raise SessionError(_REFUSED)


async def end(stores: Stores, ended: "Ended", *, refresh_token: str) -> None:
    """End the session of a refresh token, whether it is still taken or not; of an unknown one, nothing."""
    await _end(stores, ended, "api/end_session_of_token", {"token_sha256": _sha256(refresh_token)})


async def end_of_bearer(stores: Stores, ended: "Ended", *, session_id: str, user_id: str) -> None:
    """End the session that an access token is of."""
    await _end(stores, ended, "api/end_session", {"session_id": UUID(session_id), "user_id": user_id})


async def _end(stores: Stores, ended: "Ended", statement: str, values: dict[str, object]) -> None:
    async with writing(stores) as database:
        rows = await (await database.execute(query(statement), values)).fetchall()
    if rows:
        ended.add(str(rows[0][0]))
        log.info("the session %s of user %r ended", *rows[0])


async def _give(
    database: psycopg.AsyncConnection[tuple[object, ...]],
    session_id: UUID,
    user_id: str,
    role: str | None,
    ends_at: datetime,
) -> Session:
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    values = {"token_sha256": _sha256(token), "session_id": session_id, "user_id": user_id, "expires_at": ends_at}
    await database.execute(query("api/insert_refresh_token"), values)
    return Session(str(session_id), user_id, role, token, ends_at)


def _sha256(token: str) -> str:
    # No slow hash: nobody guesses 256 random bits.
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


class Ended:
    """The sessions that ended while access tokens of theirs may still be about, as every request asks it."""

    def __init__(self, *, token_seconds: float) -> None:
        self._token_seconds = token_seconds
        self._ids: frozenset[str] = frozenset()
        self._here: dict[str, float] = {}

    def __contains__(self, session_id: object) -> bool:
        return session_id in self._ids or session_id in self._here

    def add(self, session_id: str) -> None:
        """One that this process ended itself: at once."""
        self._here[session_id] = asyncio.get_running_loop().time() + self._token_seconds

    async def look(self, stores: Stores) -> None:
        """Learn what other processes, and commands, ended."""
        async with stores.writes.connection() as database:
            try:
                values = {"seconds": self._token_seconds}
                rows = await (await database.execute(query("api/ended_sessions"), values)).fetchall()
            except psycopg.errors.UndefinedTable:
                rows = []
        self._ids = frozenset(str(row[0]) for row in rows)
        now = asyncio.get_running_loop().time()
        self._here = {name: until for name, until in self._here.items() if until > now}

    @asynccontextmanager
    async def kept(self, stores: Stores) -> AsyncIterator[None]:
        """Look every two seconds for the time of the context."""
        stop = asyncio.Event()
        task = asyncio.create_task(self._keep(stores, stop))
        try:
            yield
        finally:
            # Both: a wait that ends in the very moment of its cancelling forgets that it was cancelled (Python 3.11).
            stop.set()
            task.cancel()
            await asyncio.wait([task])

    async def _keep(self, stores: Stores, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self.look(stores)
            except psycopg.Error as error:
                # What was known stays known; whoever is asked next says that the database is away.
                log.warning("which sessions ended cannot be asked: %s", error)
            await asyncio.sleep(_LOOK_SECONDS)
