"""Requests that come at the same time share one call of the kernel, in a thread of its own.

A call costs 20 ms of CPU for ten records and little more for a thousand: that is what lets a thousand requests a second
be answered. Who comes alone waits for nobody. After a call that was shared, the next one waits until as many have come
as were there before, or nobody new has for 30 ms: else those who ask again and again would come in ever smaller groups.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from nexus_data.errors import BusyError
from nexus_data.trial.judging import judge
from nexus_data.trial.outcome import Judged
from nexus_data.trial.recipes import Recipe
from nexus_data.trial.records import Records

_AT_ONCE = 2_000
_WAITING = 20_000
_ALONE_MILLISECONDS = 30
_FILES_AT_ONCE = 2
_FILES_WAITING = 32

T = TypeVar("T")

_Asked = tuple[Records, "asyncio.Future[Judged]"]


class Bunches:
    """The records that wait for the kernel, by the recipe that reads them. One for each event loop."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[Recipe, deque[_Asked]] = OrderedDict()
        self._records = self._requests = 0
        self._somebody = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="kernel")
        self._others = ThreadPoolExecutor(max_workers=_FILES_AT_ONCE, thread_name_prefix="files")
        self._files = 0

    async def judge(self, records: Records) -> Judged:
        """What becomes of these records. BusyError when too many others wait."""
        if self._records >= _WAITING:
            raise BusyError("too many records wait to be standardized; try again in a moment")
        answer: asyncio.Future[Judged] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(records.recipe, deque()).append((records, answer))
        self._records += len(records.texts)
        self._requests += 1
        self._somebody.set()
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        while self._waiting:
            bunch = self._next()
            there = len(bunch) + self._requests
            try:
                judged = await asyncio.get_running_loop().run_in_executor(self._thread, judge, [r for r, _ in bunch])
            except Exception as error:  # noqa: BLE001 - it is the askers' to tell
                for _, answer in bunch:
                    _settle(answer, error)
            else:
                for (_, answer), one in zip(bunch, judged, strict=True):
                    _settle(answer, one)
            await self._gather(max(there, len(bunch) + self._requests))

    async def _gather(self, company: int) -> None:
        """Until so many wait, as were there before, or nobody new has come for a moment."""
        with suppress(TimeoutError):
            while 1 < company > self._requests and self._records < _AT_ONCE:
                self._somebody.clear()
                async with asyncio.timeout(_ALONE_MILLISECONDS / 1000):
                    await self._somebody.wait()

    def _next(self) -> list[_Asked]:
        """Of the recipe that has waited longest; at least one request, however large."""
        recipe, asked = self._waiting.popitem(last=False)
        bunch, count = [asked.popleft()], 0
        while asked and (count := count + len(bunch[-1][0].texts)) + len(asked[0][0].texts) <= _AT_ONCE:
            bunch.append(asked.popleft())
        if asked:
            self._waiting[recipe] = asked
        self._records -= sum(len(records.texts) for records, _ in bunch)
        self._requests -= len(bunch)
        return bunch

    async def alone(self, work: Callable[[], T]) -> T:
        """What cannot share a call, in one of two other threads. BusyError when too much of it waits."""
        if self._files >= _FILES_WAITING:
            raise BusyError("too many files wait to be standardized; try again in a moment")
        self._files += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._others, work)
        finally:
            self._files -= 1

    def close(self) -> None:
        """Let the threads end."""
        for threads in (self._thread, self._others):
            threads.shutdown(wait=False, cancel_futures=True)


def _settle(answer: "asyncio.Future[Judged]", outcome: Judged | Exception) -> None:
    if answer.done():  # the asker went away
        return
    if isinstance(outcome, Exception):
        answer.set_exception(outcome)
    else:
        answer.set_result(outcome)
