"""Checks passwords beside the event loop, a few at a time: a check costs tens of milliseconds and 19 MiB."""

import asyncio
import os
import secrets
from concurrent.futures import ThreadPoolExecutor

from nexus_data.errors import BusyError
from nexus_data.passwords import hashed, matches, renewed

_THREADS = min(4, os.cpu_count() or 1)
_MOST_WAITING = 32


class PasswordChecks:
    """Threads that check; whoever comes when the queue is full is told to come again, not made to wait."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="password")
        self._waiting = 0
        # What an account that is not there is checked against, so that its answer takes as long.
        self._nobodys = hashed(secrets.token_urlsafe())

    async def check(self, kept: str | None, password: str) -> bool:
        """Whether `kept` is of this password; None: never, after as long. BusyError when too many wait."""
        if self._waiting >= _MOST_WAITING:
            raise BusyError("too many people sign in just now; try again in a moment", seconds=1)
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            same = await loop.run_in_executor(self._threads, matches, kept or self._nobodys, password)
        finally:
            self._waiting -= 1
        return same and kept is not None

    async def renewed(self, kept: str, password: str) -> str | None:
        """What to keep in place of `kept`, whose parameters are those of long ago; None: nothing."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, renewed, kept, password)

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)
