"""Where answers come from: a pool of Postgres connections, and Redis while it answers. What is asked is elsewhere."""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from psycopg import AsyncConnection
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from nexus_data.api.near import Near
from nexus_data.errors import SettingError
from nexus_data.postgres.connect import libpq_conninfo
from nexus_data.services import Services

log = logging.getLogger(__name__)

_POOL_SIZE = 10
_WAIT_SECONDS = 3.0
_REDIS_SECONDS = 0.5
_REDIS_PAUSE_SECONDS = 2.0
# One plan for one user's rows: compiling it would cost more than running it.
_OPTIONS = "-c default_transaction_read_only=on -c statement_timeout=10s -c jit=off"


class Cache:
    """Redis as a store that may be away: then it holds nothing, and is not asked again for two seconds."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._quiet_until = 0.0

    async def get(self, key: str) -> bytes | None:
        """The value, or None where there is none or Redis does not answer."""
        if time.monotonic() < self._quiet_until:
            return None
        try:
            value = await self._client.get(key)
        except RedisError as error:
            self._fell_silent(error)
            return None
        return value if isinstance(value, bytes) else None

    async def put(self, key: str, value: bytes, *, seconds: int) -> None:
        """Keep a value for some time, if Redis answers."""
        if time.monotonic() < self._quiet_until:
            return
        try:
            await self._client.set(key, value, ex=seconds)
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


@dataclass(frozen=True, slots=True)
class Stores:
    """The open stores of one API process."""

    database: AsyncConnectionPool[AsyncConnection[TupleRow]]
    cache: Cache
    near: Near = field(default_factory=Near)


@asynccontextmanager
async def opened(services: Services) -> AsyncIterator[Stores]:
    """Both stores, closed at the end; that one of them is down shows when it is used. SettingError for a bad URL."""
    client = _client(services.redis_url)
    pool = AsyncConnectionPool(
        _conninfo(services.postgres_url),
        min_size=1,
        max_size=_POOL_SIZE,
        timeout=_WAIT_SECONDS,
        open=False,
        check=AsyncConnectionPool.check_connection,
        kwargs={"autocommit": True, "application_name": "nexus-api"},
    )
    await pool.open(wait=False)
    try:
        yield Stores(database=pool, cache=Cache(client))
    finally:
        await pool.close()
        await client.aclose()


def _conninfo(url: str) -> str:
    given = libpq_conninfo(url)
    return make_conninfo(given, options=f"{conninfo_to_dict(given)['options']} {_OPTIONS}")


def _client(url: str) -> Redis:
    try:
        return Redis.from_url(
            url,
            socket_connect_timeout=_REDIS_SECONDS,
            socket_timeout=_REDIS_SECONDS,
            retry=Retry(NoBackoff(), retries=0),
        )
    except ValueError as error:
        raise SettingError(f"NEXUS_REDIS_URL cannot be used: {error}") from error
