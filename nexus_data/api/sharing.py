"""Questions that several requests ask at once are asked once. What is asked is not known here."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Current(Generic[Result]):
    """Something that changes, asked for by many who each need it as it was after they came.

    An answer whose question was already sent may be older than the request that would take it; so whoever comes while a
    question is under way shares the next one. One is under way at a time, however many wait.
    """

    def __init__(self) -> None:
        self._next: asyncio.Future[Result] | None = None
        self._turns = asyncio.Lock()
        self.asked = 0
        self.shared = 0

    async def ask(self, question: Callable[[], Awaitable[Result]]) -> Result:
        """The answer to a question that is sent after this call; what the question raises."""
        if self._next is None:
            self._next = asyncio.ensure_future(self._turn(question))
        else:
            self.shared += 1
        return await asyncio.shield(self._next)

    async def _turn(self, question: Callable[[], Awaitable[Result]]) -> Result:
        async with self._turns:
            self._next = None
            self.asked += 1
            return await question()


class Flights(Generic[Result]):
    """Answers that never change, by key: who asks for one that is being fetched waits for it."""

    def __init__(self) -> None:
        self._flying: dict[str, asyncio.Future[Result]] = {}
        self.joined = 0

    async def join(self, key: str, fetch: Callable[[], Awaitable[Result]]) -> Result:
        """What `fetch` returns, or raises, for everybody who asks meanwhile; it goes on when they are gone."""
        flight = self._flying.get(key)
        if flight is None:
            flight = self._flying[key] = asyncio.ensure_future(fetch())
            flight.add_done_callback(lambda _: self._flying.pop(key, None))
        else:
            self.joined += 1
        return await asyncio.shield(flight)
