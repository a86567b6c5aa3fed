"""The dashboards of all users in Redis (or Valkey), each under the generation that it shows.

A key names its generation and the run that made it, so that a reader who asks for the current one never gets an older
answer, nor one of another database that counted to the same number. What a dashboard says is decided by
`sql/queries/cache/project_dashboard.sql` alone; the API falls back to the same statement. Which of them a publish left
as they were is the business of `carried`.
"""

import logging
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from nexus_data import carried
from nexus_data.postgres.connect import connection
from nexus_data.sql import query

log = logging.getLogger(__name__)

_CHUNK = 500
# Postgres makes the documents: two sessions of it keep two cores busy.
_WORKERS = 2
_CONNECT_SECONDS = 2.0
_ANSWER_SECONDS = 30.0
_KEY = re.compile(rb"nexus:(\d+):dashboards?:")


def dashboard_key(user_id: str, *, generation: int, run_id: str) -> str:
    """Where the document of a user is kept: JSON text, in UTF-8."""
    return f"nexus:{generation}:dashboard:{user_id}:{run_id}"


def refresh(*, database_url: str, redis_url: str, generation: int) -> str:
    """Write every user's dashboard of the current generation, then drop the keys of older ones.

    `generation` is the one that the caller published; if another has been published since, that one is written.
    Returns `current`, or `behind: ` and why: a Redis that cannot be used is not an error, readers are slower then.
    Raises ServiceError when Postgres cannot be used.
    """
    try:
        with _client(redis_url) as cache:
            cache.ping()
            written = _write_all(cache, database_url)
            _forget_before(cache, written)
    except redis.RedisError as error:
        log.warning("the cache is behind: %s", error)
        return f"behind: Redis (NEXUS_REDIS_URL) cannot be used: {error}"
    if written > generation:
        log.info("generation %d was published after %d: its dashboards were written", written, generation)
    return "current"


def _client(redis_url: str) -> redis.Redis:
    try:
        return redis.Redis.from_url(
            redis_url,
            socket_connect_timeout=_CONNECT_SECONDS,
            socket_timeout=_ANSWER_SECONDS,
            retry=Retry(NoBackoff(), retries=1),
        )
    except ValueError as error:
        raise redis.RedisError(str(error)) from error


def _write_all(cache: redis.Redis, database_url: str) -> int:
    """Write the documents of all users; return the newest generation that they are of, 0 when there are none."""
    with connection(database_url) as database:
        new = carried.basis(database)
    if new is None or not new.users:
        return 0
    there = carried.carry_over(cache, new, key_of=_key)
    log.info("%d of %d dashboards were carried over", len(there), len(new.users))
    users = [user for user in new.users if user not in there]
    chunks = [users[start : start + _CHUNK] for start in range(0, len(users), _CHUNK)]
    with ThreadPoolExecutor(_WORKERS) as workers:
        shares = [workers.submit(_write, cache, database_url, chunks[one::_WORKERS]) for one in range(_WORKERS)]
        written = max([new.generation, *(share.result() for share in shares)])
    if written == new.generation:
        carried.keep(cache, new)
    return written


def _key(user_id: str, generation: int, run_id: str) -> str:
    return dashboard_key(user_id, generation=generation, run_id=run_id)


def _write(cache: redis.Redis, database_url: str, chunks: Sequence[list[str]]) -> int:
    """One worker's chunks of users. Each document goes under the generation that its own statement saw."""
    written = 0
    if chunks:
        with connection(database_url) as database:
            for user_ids in chunks:
                rows = database.execute(query("cache/project_dashboard"), {"user_ids": user_ids}).fetchall()
                if rows:
                    written = max(written, rows[0][1])
                    documents = {dashboard_key(user, generation=g, run_id=run): text for user, g, run, text in rows}
                    cache.mset(documents)
    return written


def _forget_before(cache: redis.Redis, generation: int) -> None:
    """Drop the keys of older generations: no reader asks for them any more, and one who just has asks Postgres."""
    old: list[bytes] = []
    for key in cache.scan_iter(match="nexus:*:dashboard*", count=1000):
        found = _KEY.match(key)
        if found and int(found[1]) < generation:
            old.append(key)
    for start in range(0, len(old), _CHUNK):
        cache.unlink(*old[start : start + _CHUNK])
