"""Where answers come from: a pool of Postgres connections, and Redis while it answers. What is asked is elsewhere."""

import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from nexus_data.api.near import Near
from nexus_data.api.pool import Asked, Pool, pool
from nexus_data.api.sharing import Together
from nexus_data.errors import SettingError
from nexus_data.postgres.roles import WRITER
from nexus_data.services import Services

log = logging.getLogger(__name__)

_REDIS_SECONDS = 0.5
_REDIS_PAUSE_SECONDS = 2.0
_REDIS_WAIT_SECONDS = 3.0
_COUNTED_SECONDS = 300
_WRITERS = 4
_REDIS_CONNECTIONS = 32
_KEYS_AT_ONCE = 64
_REPLICA_PAUSE_SECONDS = 5.0


_at_replica: ContextVar[bool] = ContextVar("at_replica", default=False)


class Cache:
    """Redis as a store that may be away: then it holds nothing, and is not asked again for two seconds."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._quiet_until = 0.0
        # A question of its own for each costs five times the CPU, and a burst of them more connections than there are.
        self._values = Together(self._get, most=_KEYS_AT_ONCE)

    async def get(self, key: str) -> bytes | None:
        """The value, or None where there is none or Redis does not answer."""
        if time.monotonic() < self._quiet_until:
            return None
        return await self._values.ask(key)

    async def _get(self, keys: list[str]) -> list[bytes | None]:
        try:
            values = await self._client.mget(keys)
        except RedisError as error:
            self._fell_silent(error)
            return [None] * len(keys)
        return [value if isinstance(value, bytes) else None for value in values]

    async def put(self, key: str, value: bytes, *, seconds: int) -> None:
        """Keep a value for some time, if Redis answers."""
        if time.monotonic() < self._quiet_until:
            return
        try:
            await self._client.set(key, value, ex=seconds)
        except RedisError as error:
            self._fell_silent(error)

    async def count(self, key: str, *, seconds: int) -> tuple[int, int] | None:
        """One more of something: how many since the first, and the seconds until they are forgotten, `seconds` after
        it. None where Redis does not answer."""
        if time.monotonic() < self._quiet_until:
            return None
        try:
            async with self._client.pipeline(transaction=True) as steps:
                steps.incr(key)
                steps.expire(key, seconds, nx=True)
                steps.ttl(key)
                number, _, left = await steps.execute()
        except RedisError as error:
            self._fell_silent(error)
            return None
        return int(number), int(left)

    async def uncount(self, key: str, *, forget: str) -> None:
        """One less of `key`, and none of `forget`, if Redis answers."""
        if time.monotonic() < self._quiet_until:
            return
        try:
            async with self._client.pipeline(transaction=True) as steps:
                steps.delete(forget)
                steps.decr(key)
                steps.expire(key, _COUNTED_SECONDS, nx=True)
                await steps.execute()
        except RedisError as error:
            self._fell_silent(error)

    async def answers(self) -> bool:
        """Whether Redis answers now."""
        try:
            await self._client.ping()
        except RedisError:
            return False
        return True

    def _fell_silent(self, error: RedisError) -> None:
        self._quiet_until = time.monotonic() + _REDIS_PAUSE_SECONDS
        log.warning("Redis (NEXUS_REDIS_URL) does not answer, Postgres does instead: %s", error)


@dataclass(slots=True)
class Quiet:
    """A replica that did not answer is not asked again before this moment of the monotonic clock."""

    until: float = 0.0

    def begin(self) -> None:
        """From now on, for a while."""
        self.until = time.monotonic() + _REPLICA_PAUSE_SECONDS

    def over(self) -> bool:
        """Whether to ask again."""
        return time.monotonic() >= self.until


@dataclass(frozen=True, slots=True)
class Stores:
    """The open stores of one API process. generations: for the question which one is current, and for nothing else."""

    database: Pool
    generations: Pool
    cache: Cache
    writes: Pool
    near: Near = field(default_factory=Near)
    replica: Pool | None = None
    quiet: Quiet = field(default_factory=Quiet)

    def pools(self) -> tuple[Pool, ...]:
        """All that there are."""
        always = (self.database, self.generations, self.writes)
        return (*always, self.replica) if self.replica else always

    def reading(self) -> Pool:
        """Where to ask a question whose answer is looked at for its generation: the replica within `at_replica`."""
        return self.replica if self.replica and _at_replica.get() else self.database


@contextmanager
def at_replica() -> Iterator[None]:
    """Let questions within go to the replica, if there is one. It may lag: look at what generation it answers."""
    before = _at_replica.set(True)
    try:
        yield
    finally:
        _at_replica.reset(before)


def _untold(_statement: str, _seconds: float) -> None:
    """Nobody measures."""


@asynccontextmanager
async def opened(
    services: Services, *, pool_size: int = 10, asked: Asked = _untold, replica_url: str | None = None
) -> AsyncIterator[Stores]:
    """All stores, closed at the end; that one of them is down shows when it is used. SettingError for a bad URL.

    asked: told the name of each statement that Postgres was asked, and its seconds; nobody is, by default.
    replica_url: a standby, or several in one URL of libpq, that questions go to first.
    """
    async with AsyncExitStack() as stack:
        client, url = _client(services.redis_url), services.postgres_url
        stack.push_async_callback(client.aclose)
        stores = Stores(
            database=pool(url, size=pool_size, asked=asked),
            # Every request waits for that question, also one that memory answers: it must not queue behind others.
            generations=pool(url, size=1, asked=asked, name="generations", looked_at=False),
            cache=Cache(client),
            writes=pool(url, size=_WRITERS, asked=asked, name="writes", role=WRITER),
            replica=pool(replica_url, size=pool_size, asked=asked, name="replica") if replica_url else None,
        )
        for one in stores.pools():
            await one.open(wait=False)
            stack.push_async_callback(one.close)
        yield stores


@asynccontextmanager
async def writing(stores: Stores) -> AsyncIterator[AsyncConnection[TupleRow]]:
    """A connection in a transaction that may write; the API's sessions read only otherwise."""
    async with stores.writes.connection() as database, database.transaction():
        await database.execute("SET TRANSACTION READ WRITE")
        yield database


def _client(url: str) -> Redis:
    try:
        # Who finds no connection free waits for one: the pool that does not wait would look like a Redis that is away.
        connections = BlockingConnectionPool.from_url(
            url,
            max_connections=_REDIS_CONNECTIONS,
            timeout=_REDIS_WAIT_SECONDS,
            socket_connect_timeout=_REDIS_SECONDS,
            socket_timeout=_REDIS_SECONDS,
            retry=Retry(NoBackoff(), retries=0),
        )
    except ValueError as error:
        raise SettingError(f"NEXUS_REDIS_URL cannot be used: {error}") from error
    return Redis.from_pool(connections)
