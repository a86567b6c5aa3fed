"""Tells the processes that serve readers that a generation was published. Only Postgres says what it holds.

An announcement may be lost with a killed run, or with Redis: whoever waits for one asks Postgres from time to time too.
"""

import logging

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

STREAM = "nexus:generations"
"""The Redis stream; each entry has the field `generation`."""

_KEPT = 1000
_SECONDS = 2.0


def announce(redis_url: str, *, generation: int) -> None:
    """Say that this generation is published; a Redis that cannot be used is logged, and loses nothing."""
    try:
        client = redis.Redis.from_url(
            redis_url, socket_connect_timeout=_SECONDS, socket_timeout=_SECONDS, retry=Retry(NoBackoff(), retries=0)
        )
        with client:
            client.xadd(STREAM, {"generation": generation}, maxlen=_KEPT, approximate=True)
    except (redis.RedisError, ValueError) as error:
        log.warning("generation %d is not announced: Redis (NEXUS_REDIS_URL) cannot be used: %s", generation, error)
