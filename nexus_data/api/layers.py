"""The way to an answer: this process' memory, then Redis, then Postgres. What is asked, and HTTP, are elsewhere.

Postgres says which generation is current, to every request, in a question that is sent after the request came. All keys
carry the generation and the run that made it; so nothing replaced is ever found, and nothing needs to be purged.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import psycopg

from nexus_data.api.answer import Answer, Generation, entity_tag
from nexus_data.api.stores import Stores, at_replica
from nexus_data.errors import NexusError
from nexus_data.sql import query

log = logging.getLogger(__name__)

_KEPT_SECONDS = 3600
_KEPT_BYTES = 1 << 20


class Made(NamedTuple):
    """A document as Postgres gave it, and the generation that its own snapshot saw (which may be a newer one)."""

    document: bytes
    generation: Generation


Make = Callable[[], Awaitable[Made]]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, as a part of a key: equal texts have equal answers in one generation. make: asks Postgres.

    as_of: the earlier generation that the answer is to show; None: the one in which it is asked.
    """

    text: str
    make: Make
    as_of: int | None = None

    def key(self, generation: Generation) -> str:
        """Where the answer is kept, in memory and in Redis."""
        return f"nexus:{generation.number}:{self.text}:{generation.run_id}"


async def current_generation(stores: Stores) -> Generation | None:
    """The generation that readers see now, or a newer one; None before the first publish.

    Concurrent requests share the question, none of them one that was sent before it came. psycopg.OperationalError when
    Postgres does not answer.
    """
    near = stores.near
    found = await near.current.ask(lambda: _ask_generation(stores))
    if found != near.newest:
        near.newest = found
        near.memory.clear()
    return found


async def answered(stores: Stores, question: Question) -> Answer:
    """The answer of the generation that is current now, or of a newer one, from the nearest layer that has it."""
    current = await current_generation(stores)
    if current is None:
        return _answer(question, await question.make(), "postgres")
    key = question.key(current)
    found = stores.near.memory.get(key)
    stores.near.counts.memory.add(found is not None)
    return found or await stores.near.flights.join(key, lambda: _fetch(stores, question, current))


async def _ask_generation(stores: Stores) -> Generation | None:
    async with stores.generations.connection() as database:
        try:
            row = await (await database.execute(query("current_generation"))).fetchone()
        except psycopg.errors.UndefinedTable:
            return None
    return Generation(row[0], row[1]) if row else None


async def _fetch(stores: Stores, question: Question, current: Generation) -> Answer:
    document = await stores.cache.get(question.key(current))
    stores.near.counts.redis.add(document is not None)
    if document is not None:
        return _kept(stores, question, _answer(question, Made(document, current), "redis"), current)
    made = await _made(stores, question, current)
    if made.generation.number < current.number:
        raise psycopg.OperationalError(f"the database that was asked has not come to generation {current.number} yet")
    if len(made.document) <= _KEPT_BYTES:
        await stores.cache.put(question.key(made.generation), made.document, seconds=_KEPT_SECONDS)
    return _kept(stores, question, _answer(question, made, "postgres"), made.generation)


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


def _kept(stores: Stores, question: Question, answer: Answer, generation: Generation) -> Answer:
    # A straggler of a replaced generation would only take room: nobody asks for it again.
    if generation == stores.near.newest:
        stores.near.memory.put(question.key(generation), replace(answer, served_from="memory"))
    return answer


def _answer(question: Question, made: Made, served_from: Literal["redis", "postgres"]) -> Answer:
    shown = made.generation.number if question.as_of is None else question.as_of
    return Answer(made.document, shown, served_from, etag=entity_tag(made.document, generation=shown))
