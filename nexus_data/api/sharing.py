"""Questions that several requests ask at once are asked once. What is asked is not known here."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import islice
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Current(Generic[Result]):
    """Something that changes, asked for by many who each need it as it was after they came.

    An answer whose question was already sent may be older than the request that would take it; so whoever comes while a
    question is under way shares the next one. One is under way at a time, however many wait.
    """

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[Result]] = []
        self._worker: asyncio.Task[None] | None = None
        self.asked = 0
        self.shared = 0

    async def ask(self, question: Callable[[], Awaitable[Result]]) -> Result:
        """The answer to a question that is sent after this call; what the question raises."""
        # A future each: one that all await would end for all when one of them is cancelled.
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        if self._worker is None:
            self._worker = asyncio.create_task(self._work(question))
        return await answer

    async def _work(self, question: Callable[[], Awaitable[Result]]) -> None:
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, []
                self.asked += 1
                self.shared += len(waiting) - 1
                await _settle(waiting, question)
        finally:
            self._worker = None


async def _settle(waiting: list["asyncio.Future[Result]"], question: Callable[[], Awaitable[Result]]) -> None:
    try:
        result = await question()
    except BaseException as error:
        _fail(waiting, error)
        if not isinstance(error, Exception):
            raise
    else:
        _give(waiting, result)


def _fail(waiting: Sequence["asyncio.Future[Result]"], error: BaseException) -> None:
    for one in waiting:
        if not one.done():
            one.set_exception(error)


def _give(waiting: Sequence["asyncio.Future[Result]"], result: Result) -> None:
    for one in waiting:
        if not one.done():
            one.set_result(result)


class Together(Generic[Result]):
    """Answers by key, of which one question may be for many; one is under way at a time, for `most` keys at most.

    question: the answers to some keys, in their order. It may be older than who comes for it by as long as it waits to
    be sent: for what never changes under its key.
    """

    def __init__(self, question: Callable[[list[str]], Awaitable[Sequence[Result]]], *, most: int) -> None:
        self._question = question
        self._most = most
        self._waiting: dict[str, list[asyncio.Future[Result]]] = {}
        self._worker: asyncio.Task[None] | None = None

    async def ask(self, key: str) -> Result:
        """The answer to this key; what the question raises."""
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append(answer)
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        try:
            while self._waiting:
                keys = list(islice(self._waiting, self._most))
                waiting = [self._waiting.pop(key) for key in keys]
                await self._settle(keys, waiting)
        finally:
            self._worker = None

    async def _settle(self, keys: list[str], waiting: list[list["asyncio.Future[Result]"]]) -> None:
        try:
            results = await self._question(keys)
        except BaseException as error:
            _fail([one for some in waiting for one in some], error)
            if not isinstance(error, Exception):
                raise
        else:
            for some, result in zip(waiting, results, strict=True):
                _give(some, result)


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
