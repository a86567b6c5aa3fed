"""The way to an answer: this process' memory, then Redis, then Postgres. What is asked, and HTTP, are elsewhere.

Postgres says which generation is current, to every request, in a question that is sent after the request came. All
keys carry the generation and the run that made it; so nothing replaced is ever found, and nothing needs to be purged.
Keys of answers that also change with background tasks carry how often these have changed, as the same question tells.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import psycopg
import psycopg_pool

from nexus_data.api.answer import Answer, Generation, Now, Subject, entity_tag
from nexus_data.api.stores import Stores, at_replica
from nexus_data.errors import NexusError
from nexus_data.sql import query

log = logging.getLogger(__name__)

_KEPT_SECONDS = 3600
_KEPT_BYTES = 1 << 20
_STATE_SECONDS = 12


class Made(NamedTuple):
    """A document as Postgres gave it, and the moment that its own snapshot saw (which may be a later one).

    tasks: how often background tasks had changed by then, where the document tells of them.
    """

    document: bytes
    generation: Generation
    tasks: int = 0


Make = Callable[[], Awaitable[Made]]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and how. make: asks Postgres."""

    subject: Subject
    make: Make


async def current_generation(stores: Stores) -> Generation | None:
    """The generation that readers see now, or a newer one; None before the first publish.

    Concurrent requests share the question, none of them one that was sent before it came. psycopg.OperationalError when
    Postgres does not answer.
    """
    now = await current_state(stores)
    return now.generation if now else None


async def current_state(stores: Stores) -> Now | None:
    """The same, and how often background tasks have changed."""
    near = stores.near
    now = await near.current.ask(lambda: _ask_state(stores))
    found = now.generation if now else None
    if found != near.newest:
        near.newest = found
        near.memory.clear()
    return now


async def answered(stores: Stores, question: Question) -> Answer:
    """The answer of the generation that is current now, or of a newer one, from the nearest layer that has it."""
    now = await current_state(stores)
    if now is None:
        return replace(_answer(question.subject, await question.make(), "postgres"), subject=None)
    key = question.subject.key(now)
    found = stores.near.memory.get(key)
    stores.near.counts.memory.add(found is not None)
    return found or await stores.near.flights.join(key, lambda: _fetch(stores, question, now))


async def _ask_state(stores: Stores) -> Now | None:
    try:
        return await _state(stores)
    except (psycopg_pool.PoolTimeout, psycopg.errors.QueryCanceled):
        raise
    except psycopg.OperationalError:
        # The connection is not looked at before each use, which would cost as much as the question.
        return await _state(stores)


async def _state(stores: Stores) -> Now | None:
    try:
        async with asyncio.timeout(_STATE_SECONDS), stores.generations.connection() as database:
            row = await (await database.execute(query("api/current_state"))).fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    except TimeoutError:
        raise psycopg_pool.PoolTimeout(f"no word of the current generation for {_STATE_SECONDS:g} s") from None
    return Now(Generation(row[0], row[1]), row[2]) if row and row[0] is not None else None


async def kept(stores: Stores, subject: Subject, now: Now) -> Answer | None:
    """The answer of that moment in memory, else in Redis; None where neither has it."""
    near = stores.near.memory.get(subject.key(now))
    found = near or await _far(stores, subject, now)
    # What neither has is looked for again, and counted, by who then asks Postgres.
    if found:
        stores.near.counts.memory.add(near is not None)
    if found and not near:
        stores.near.counts.redis.add(True)
    return found


async def _far(stores: Stores, subject: Subject, now: Now) -> Answer | None:
    # Tasks change many times a generation, and each change would leave its answers in Redis.
    document = None if subject.of_tasks else await stores.cache.get(subject.key(now))
    if document is None:
        return None
    return _remembered(stores, _answer(subject, Made(document, now.generation), "redis"), now)


async def _fetch(stores: Stores, question: Question, now: Now) -> Answer:
    subject = question.subject
    found = await _far(stores, subject, now)
    stores.near.counts.redis.add(found is not None)
    if found:
        return found
    made = await _made(stores, question, now.generation)
    wanted = now.generation.number
    if made.generation.number < wanted:
        raise psycopg.OperationalError(f"the database that was asked has not come to generation {wanted} yet")
    seen = Now(made.generation, made.tasks)
    if len(made.document) <= _KEPT_BYTES and not subject.of_tasks:
        await stores.cache.put(subject.key(seen), made.document, seconds=_KEPT_SECONDS)
    return _remembered(stores, _answer(subject, made, "postgres"), seen)


async def _made(stores: Stores, question: Question, current: Generation) -> Made:
    """By a replica where there is one and it has come to that generation, else by the primary itself."""
    if stores.replica and stores.quiet.over():
        try:
            with at_replica():
                made = await question.make()
        except psycopg.OperationalError as error:
            stores.quiet.begin()
            log.warning("the replica (NEXUS_POSTGRES_READ_URL) does not answer, the primary does instead: %s", error)
        except NexusError:
            pass  # what a replica that lags does not know yet may be there: the primary says whether it is
        else:
            if made.generation.number >= current.number:
                return made
    return await question.make()


def _remembered(stores: Stores, answer: Answer, seen: Now) -> Answer:
    # A straggler of a replaced generation would only take room: nobody asks for it again.
    if answer.subject and seen.generation == stores.near.newest:
        stores.near.memory.put(answer.subject.key(seen), replace(answer, served_from="memory"))
    return answer


def _answer(subject: Subject, made: Made, served_from: Literal["redis", "postgres"]) -> Answer:
    shown = made.generation.number if subject.as_of is None else subject.as_of
    etag = entity_tag(made.document, generation=shown)
    return Answer(made.document, shown, served_from, etag=etag, subject=subject)
