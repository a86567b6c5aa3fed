"""Questions asked by many at once are asked once, and nobody is given an answer that is older than its own question."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import BlockingConnectionPool

from nexus_data.api.answer import Answer
from nexus_data.api.memory import Memory
from nexus_data.api.sharing import Current, Flights, Together
from nexus_data.api.stores import opened
from nexus_data.services import Services


def run(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(scene)


# Each step: somebody comes and asks, or the world changes, or time passes and questions come a little further.
STEPS = st.lists(st.sampled_from(["ask", "change", "pass"]), min_size=1, max_size=40)


@given(steps=STEPS)
def test_an_answer_is_never_older_than_the_question(steps: list[str]) -> None:
    async def scene() -> None:
        world, current = [0], Current[int]()

        async def question() -> int:
            seen = world[0]
            for _ in range(3):  # on its way back, while the world may change
                await asyncio.sleep(0)
            return seen

        asked: list[tuple[int, asyncio.Task[int]]] = []
        for step in steps:
            if step == "ask":
                asked.append((world[0], asyncio.ensure_future(current.ask(question))))
            world[0] += step == "change"
            await asyncio.sleep(0)
        for then, answer in asked:
            assert await answer >= then

    run(scene())


def test_those_who_wait_share_one_question_and_none_that_was_sent_before() -> None:
    async def scene() -> None:
        sent, release, current = [0], asyncio.Event(), Current[int]()

        async def question() -> int:
            sent[0] += 1
            mine = sent[0]
            await release.wait()
            return mine

        first = asyncio.ensure_future(current.ask(question))
        await asyncio.sleep(0.01)
        later = [asyncio.ensure_future(current.ask(question)) for _ in range(100)]
        await asyncio.sleep(0.01)
        release.set()
        assert await first == 1
        assert await asyncio.gather(*later) == [2] * 100
        assert (current.asked, current.shared) == (2, 99)

    run(scene())


def test_a_failed_question_is_asked_again_by_the_next_who_comes() -> None:
    async def scene() -> None:
        current, flights = Current[int](), Flights[int]()

        async def fails() -> int:
            raise LookupError

        async def succeeds() -> int:
            return 7

        for ask in (current.ask, lambda fetch: flights.join("key", fetch)):
            with pytest.raises(LookupError):
                await ask(fails)
            assert await ask(succeeds) == 7

    run(scene())


def test_one_who_gives_up_takes_nobody_elses_answer_away() -> None:
    async def scene() -> None:
        flights, release, fetched = Flights[int](), asyncio.Event(), [0]

        async def fetch() -> int:
            fetched[0] += 1
            await release.wait()
            return 7

        impatient = asyncio.ensure_future(flights.join("key", fetch))
        patient = asyncio.ensure_future(flights.join("key", fetch))
        await asyncio.sleep(0)
        impatient.cancel()
        release.set()
        assert await patient == 7
        assert (fetched, flights.joined) == ([1], 1)

    run(scene())


@given(puts=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3000)), max_size=60))
def test_memory_is_bounded_by_bytes_and_has_what_was_put_last(puts: list[tuple[int, int]]) -> None:
    memory = Memory(limit=20_000)
    for number, size in puts:
        answer = Answer(bytes(size), number, "postgres")
        memory.put(f"k{number}", answer)
        kept = memory.get(f"k{number}")
        assert kept is answer if size < 1500 else kept in (None, answer)
        assert memory.bytes <= 20_000
    memory.clear()
    assert (len(memory), memory.bytes) == (0, 0)


def test_what_was_asked_for_last_is_forgotten_last() -> None:
    memory = Memory(limit=8_000)
    for number in range(8):
        memory.put(f"k{number}", Answer(bytes(300), number, "postgres"))
        assert memory.get("k0")
    memory.put("k9", Answer(bytes(300), 9, "postgres"))
    assert memory.get("k0")
    assert memory.get("k1") is None


@given(keys=st.lists(st.integers(0, 30), min_size=1, max_size=100), most=st.integers(1, 10))
def test_each_is_given_the_answer_to_its_own_key_and_few_questions_are_asked(keys: list[int], most: int) -> None:
    async def scene() -> None:
        asked: list[list[str]] = []

        async def question(some: list[str]) -> list[int]:
            asked.append(some)
            await asyncio.sleep(0)
            return [int(key) for key in some]

        together = Together(question, most=most)
        assert await asyncio.gather(*(together.ask(str(key)) for key in keys)) == keys
        assert sorted(int(key) for some in asked for key in some) == sorted(set(keys))
        assert len(asked) == -(-len(set(keys)) // most)

    run(scene())


def test_a_failed_question_for_many_fails_for_each_and_is_asked_again() -> None:
    async def scene() -> None:
        fails = [True]

        async def question(some: list[str]) -> list[str]:
            if fails.pop(0):
                raise LookupError
            return some

        together = Together(question, most=10)
        failed = await asyncio.gather(*(together.ask(key) for key in "abc"), return_exceptions=True)
        assert [type(one) for one in failed] == [LookupError] * 3
        fails.append(False)
        assert await together.ask("a") == "a"

    run(scene())


def test_a_burst_is_no_reason_to_take_redis_for_away(
    database_url: str, redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        async with opened(Services(database_url, redis_url)) as stores:
            cache, keys = stores.cache, [f"burst:{number}" for number in range(300)]
            # As many connections as ever, with the patience that a machine with other things to do asks for.
            connections = cache._client.connection_pool
            assert isinstance(connections, BlockingConnectionPool)
            connections.timeout = 60
            connections.connection_kwargs.update(socket_timeout=60.0, socket_connect_timeout=60.0)
            await asyncio.gather(*(cache.put(key, key.encode(), seconds=60) for key in keys))
            assert await asyncio.gather(*(cache.get(key) for key in keys)) == [key.encode() for key in keys]
            counted = await asyncio.gather(*(cache.count("burst", seconds=60) for _ in keys))
            assert sorted(one[0] for one in counted if one) == list(range(1, 301))

    run(scene())
    assert not [one for one in caplog.records if one.name == "nexus_data.api.stores"]
