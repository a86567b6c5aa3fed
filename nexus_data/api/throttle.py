"""How often anything may be tried: failed sign-ins by account and by address, requests by user.

Failed sign-ins are counted in Redis, for all API processes; by this process alone while Redis is away. Requests are
counted by each process: to ask Redis would cost as much as the answer.
"""

import hashlib
import time

from nexus_data.api.stores import Cache
from nexus_data.errors import TooManyError

WINDOW_SECONDS = 300
MOST_BY_ACCOUNT = 10
MOST_BY_ADDRESS = 100
_MOST_KEPT = 100_000
_BURST_SECONDS = 4.0


class Attempts:
    """Failed sign-ins of the last five minutes. What is tried counts as failed until `forgive` says otherwise, so that
    many tries at once do not slip through."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._here: dict[str, tuple[int, float]] = {}

    async def count(self, *, email: str, address: str) -> None:
        """Note a try. TooManyError when the account or the address has none left; equal for accounts that are not."""
        for key, most in ((_account(email), MOST_BY_ACCOUNT), (_address(address), MOST_BY_ADDRESS)):
            tried, seconds = await self._add(key)
            if tried > most:
                raise TooManyError("too many failed sign-ins; try again later", seconds=max(1, seconds))

    async def forgive(self, *, email: str, address: str) -> None:
        """It was the right password: the account's failures are over, and the address has one less."""
        account, place = _account(email), _address(address)
        self._here.pop(account, None)
        tried, ends = self._here.get(place, (0, 0.0))
        self._here[place] = (max(0, tried - 1), ends)
        await self._cache.uncount(place, forget=account)

    async def _add(self, key: str) -> tuple[int, int]:
        counted = await self._cache.count(key, seconds=WINDOW_SECONDS)
        return self._add_here(key) if counted is None else counted

    def _add_here(self, key: str) -> tuple[int, int]:
        now = time.monotonic()
        tried, ends = self._here.get(key, (0, 0.0))
        if ends <= now:
            tried, ends = 0, now + WINDOW_SECONDS
        _make_room(self._here)
        self._here[key] = (tried + 1, ends)
        return tried + 1, int(ends - now) + 1


class Pace:
    """Requests a second that each asker may make on average; four seconds' worth at once (GCRA)."""

    def __init__(self, per_second: float) -> None:
        self._apart = 1.0 / per_second
        self._due: dict[str, float] = {}

    def demand(self, asker: str) -> None:
        """TooManyError when the asker is ahead of its pace."""
        now = time.monotonic()
        due = self._due.get(asker, 0.0)
        ahead = due - now
        if ahead > _BURST_SECONDS:
            raise TooManyError("too many requests; ask less often", seconds=int(ahead - _BURST_SECONDS) + 1)
        if ahead < 0:
            due = now
            if len(self._due) >= _MOST_KEPT:
                _make_room(self._due)
        self._due[asker] = due + self._apart


def _make_room(kept: dict[str, tuple[int, float]] | dict[str, float]) -> None:
    while len(kept) >= _MOST_KEPT:
        kept.pop(next(iter(kept)))


def _account(email: str) -> str:
    # A hash: what people type as their email is now and then their password.
    return f"nexus:signin:account:{hashlib.sha256(email.lower().encode(errors='surrogatepass')).hexdigest()}"


def _address(address: str) -> str:
    return f"nexus:signin:address:{address}"
