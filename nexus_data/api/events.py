"""What is news, and to whom: each publish, with what it changed for users whom a viewer sees. No transport is here."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

import msgspec
import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import PoolTimeout
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from nexus_data.announce import STREAM
from nexus_data.api.access import Scope, Viewer
from nexus_data.api.stores import Stores
from nexus_data.errors import BusyError
from nexus_data.sql import query

log = logging.getLogger(__name__)

_POLL_SECONDS = 5.0
_AT_ONCE = 100
_WAITING = 64
# Fewer than may wait, so that a reader that keeps up is never dropped for a burst.
_LOOKED_AT = 20
_BETWEEN_SECONDS = 0.2
_SHOWN = 500
_READERS = 20_000
_OF_ONE_USER = 50

Row = tuple[str, str, int, int, str | None, str | None]


class Change(msgspec.Struct, frozen=True):
    """What became of one user's rows of a table: how many are new or newer, how many are not published any more.

    first_day, last_day: of operations, the days between which they lie.
    """

    user_id: str
    table: str
    published: Annotated[int, msgspec.Meta(ge=0)]
    superseded: Annotated[int, msgspec.Meta(ge=0)]
    first_day: str | None
    last_day: str | None


class Published(msgspec.Struct, tag_field="event", tag="published", frozen=True):
    """A publish, and what it changed of what the reader may see; more: how many further changes are not listed."""

    generation: int
    committed_at: datetime
    changes: tuple[Change, ...]
    more: int = 0


class Missed(msgspec.Struct, tag_field="event", tag="missed", frozen=True):
    """More publishes than are told one by one: everything may have changed up to `generation`."""

    generation: int


Event = Published | Missed


@dataclass(slots=True, eq=False)
class Reader:
    """One who waits for news. assigned: whom a viewer of scope `assigned` sees, asked again at each publish.

    dropped: it did not keep up, and its connection is to be closed.
    """

    viewer: Viewer
    assigned: frozenset[str] = frozenset()
    waiting: asyncio.Queue[Published] = field(default_factory=lambda: asyncio.Queue(_WAITING))
    dropped: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def users(self) -> list[str] | None:
        """Whose changes it is told; None: everybody's."""
        return None if self.viewer.scope is Scope.ALL else [self.viewer.user_id, *self.assigned]


class Hub:
    """Learns of publishes, by Redis at once and by Postgres at the latest, and hands them to this process's readers."""

    def __init__(self, stores: Stores, redis_url: str) -> None:
        self._stores = stores
        self._redis_url = redis_url
        self._readers: set[Reader] = set()
        self.newest: int | None = None

    async def subscribe(self, viewer: Viewer) -> Reader:
        """A reader from now on. BusyError when there are too many, or too many of this user."""
        mine = sum(reader.viewer.user_id == viewer.user_id for reader in self._readers)
        if len(self._readers) >= _READERS or mine >= _OF_ONE_USER:
            raise BusyError("too many connections wait for events; close others, or try again in a moment")
        reader = Reader(viewer)
        await self._see(reader)
        if self.newest is None:
            with suppress(psycopg.OperationalError, PoolTimeout):
                await self._begin()
        self._readers.add(reader)
        return reader

    def unsubscribe(self, reader: Reader) -> None:
        """Forget the reader."""
        self._readers.discard(reader)

    async def missed(self, reader: Reader, *, since: int) -> list[Event]:
        """What was published after that generation, from Postgres; the newest few, if it was much."""
        newest = await self._current()
        values = {"generation": since, "newest": newest, "user_ids": reader.users, "size": _AT_ONCE + 1}
        rows = await self._rows("api/events_missed", values)
        if len(rows) > _AT_ONCE:
            return [Missed(newest)]
        return [published(row[0], row[1], _decoded(row[2])) for row in reversed(rows)]

    async def run(self) -> None:
        """Look for ever: when Redis tells of a publish, and from time to time, for it may have failed to."""
        client = Redis.from_url(self._redis_url, socket_timeout=_POLL_SECONDS * 2, retry=Retry(NoBackoff(), retries=0))
        last = "$"
        async with client:
            while True:
                try:
                    while await self._look():
                        await asyncio.sleep(_BETWEEN_SECONDS)
                except (psycopg.OperationalError, PoolTimeout) as error:
                    log.warning("Postgres does not tell of publishes: %s", error)
                last = await _told(client, last)

    async def _look(self) -> bool:
        """Hand out the next publishes; whether there may be more, for which readers need a moment."""
        if self.newest is None:
            await self._begin()
            return False
        rows = await self._rows("api/events_after", {"generation": self.newest, "size": _LOOKED_AT})
        if rows:
            await self._see(*self._readers)
        for number, committed_at, text in rows:
            if number <= self.newest:
                continue  # told by another look meanwhile
            self.newest = number
            self._hand_out(number, committed_at, _decoded(text))
        return len(rows) == _LOOKED_AT

    async def _begin(self) -> None:
        """What there is before the first look, or the first reader, is nobody's news: whoever comes says since when."""
        current = await self._current()
        self.newest = current if self.newest is None else self.newest

    async def _current(self) -> int:
        rows = await self._rows("ledger/current_generation", {})
        return int(rows[0][0]) if rows else 0

    def _hand_out(self, number: int, committed_at: datetime, rows: list[Row]) -> None:
        by_user: dict[str, list[Row]] = {}
        for row in rows:
            by_user.setdefault(row[0], []).append(row)
        everything = published(number, committed_at, rows)
        for reader in self._readers:
            users = reader.users
            news = everything if users is None else published(number, committed_at, _of(by_user, users))
            try:
                reader.waiting.put_nowait(news)
            except asyncio.QueueFull:
                reader.dropped.set()

    async def _see(self, *readers: Reader) -> None:
        """Have those who see assigned users see whom they were assigned by now."""
        looking = [reader for reader in readers if reader.viewer.scope is Scope.ASSIGNED]
        if not looking:
            return
        names = sorted({reader.viewer.user_id for reader in looking})
        seen: dict[str, set[str]] = {}
        for user_id, subject in await self._rows("api/assigned_users", {"user_ids": names}):
            seen.setdefault(user_id, set()).add(subject)
        for reader in looking:
            reader.assigned = frozenset(seen.get(reader.viewer.user_id, ()))

    async def _rows(self, name: str, values: Mapping[str, object]) -> list[TupleRow]:
        async with self._stores.database.connection() as database:
            try:
                return await (await database.execute(query(name), values or None)).fetchall()
            except psycopg.errors.UndefinedTable:
                return []


async def _told(client: Redis, last: str) -> str:
    """Wait until Redis tells of a publish, or for a while; where it has come to in the stream."""
    try:
        entries: Any = await client.xread({STREAM: last}, count=_AT_ONCE, block=int(_POLL_SECONDS * 1000))
    except RedisError as error:
        log.warning("Redis (NEXUS_REDIS_URL) does not tell of publishes, Postgres does: %s", error)
        await asyncio.sleep(_POLL_SECONDS)
        return last
    if not entries:
        return last
    ((_, told),) = entries.items() if isinstance(entries, dict) else entries
    # One list more in the newer protocol.
    newest = (told[-1] if isinstance(told[0], list) else told)[-1]
    return str(newest[0], "ascii")


def _of(by_user: dict[str, list[Row]], users: Iterable[str]) -> list[Row]:
    return [row for user in users for row in by_user.get(user, ())]


def published(number: int, committed_at: datetime, rows: Collection[Row]) -> Published:
    """The event of a publish: the first changes, and how many there are beside them."""
    shown = tuple(Change(*row) for row in list(rows)[:_SHOWN])
    return Published(number, committed_at, shown, more=len(rows) - len(shown))


def _decoded(text: str) -> list[Row]:
    return msgspec.json.decode(text, type=list[Row])


@asynccontextmanager
async def listening(stores: Stores, redis_url: str) -> AsyncIterator[Hub]:
    """A hub that looks for as long as the context is open."""
    hub = Hub(stores, redis_url)
    task = asyncio.create_task(hub.run())
    try:
        yield hub
    finally:
        task.cancel()
