"""Dashboards in Redis that a publish left as they were: carried over to the new generation, and not computed again.

A dashboard is made of its user's rows of the small marts, of `daily_totals` and of operations. It is carried over only
from the generation right before, and only if all of that is known to be the same; what is in doubt is computed. Which
keys there are is the cache's business, what a dashboard says that of `sql/queries/cache/project_dashboard.sql`.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
import psycopg
import redis

from nexus_data.ledger import current_generation
from nexus_data.sql import query

_CHUNK = 500
_HEAD = re.compile(rb'\{"user_id" : "(?:[^"\\]|\\.)*", "generation" : (\d+), "published_at" : "[^"]*"')

KeyOf = Callable[[str, int, str], str]
"""Where the document of a user, a generation and its run is kept."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What the dashboards of a generation are made of; the columns of `dashboard_basis`."""

    generation: int
    run_id: str
    published_at: str
    run_before: str | None
    definition: str
    months: Sequence[str]
    restored: bool
    users: Sequence[str]
    digests: Sequence[str]
    changed: Sequence[bool]


class _Kept(msgspec.Struct, frozen=True):
    """What is kept of it beside the documents. statement: digest of the statement that they are the answers of."""

    statement: str
    definition: str
    months: list[str]
    digests: dict[str, str]


def basis(database: psycopg.Connection) -> Basis | None:
    """That of the newest generation; None before the first publish."""
    if not current_generation(database).generation:
        return None
    row = database.execute(query("cache/dashboard_basis")).fetchone()
    return Basis(*row) if row else None


def carry_over(cache: redis.Redis, new: Basis, *, key_of: KeyOf) -> frozenset[str]:
    """Write the documents of all users that are as they were, under the new generation; these users."""
    before = _before(cache, new)
    if before is None:
        return frozenset()
    about = zip(new.users, new.digests, new.changed, strict=True)
    same = [user for user, digest, changed in about if not changed and before.digests.get(user, "") == digest]
    carried: set[str] = set()
    for start in range(0, len(same), _CHUNK):
        carried.update(_carry(cache, same[start : start + _CHUNK], new, key_of))
    return frozenset(carried)


def keep(cache: redis.Redis, new: Basis) -> None:
    """Let the next generation know of what the documents are made; to be called once all of them are there."""
    digests = {user: digest for user, digest in zip(new.users, new.digests, strict=True) if digest}
    kept = _Kept(_statement(), new.definition, list(new.months), digests)
    cache.set(_kept_key(new.generation, new.run_id), msgspec.json.encode(kept))


def _before(cache: redis.Redis, new: Basis) -> _Kept | None:
    """What was kept with the generation before; None where there is nothing, or more changed since than `changes` says.

    A mart of another definition, a month that cleanup took out or brought back: these touch users who got no record.
    """
    if new.run_before is None or new.restored:
        return None
    text = cache.get(_kept_key(new.generation - 1, new.run_before))
    if not isinstance(text, bytes):
        return None
    kept = msgspec.json.decode(text, type=_Kept)
    same = (kept.statement, kept.definition) == (_statement(), new.definition)
    return kept if same and set(kept.months) <= set(new.months) else None


def _carry(cache: redis.Redis, users: Sequence[str], new: Basis, key_of: KeyOf) -> list[str]:
    found = cache.mget([key_of(user, new.generation - 1, str(new.run_before)) for user in users])
    there = ((user, text) for user, text in zip(users, found, strict=True) if isinstance(text, bytes))
    documents = {user: now for user, text in there if (now := _renumbered(text, new)) is not None}
    if documents:
        cache.mset({key_of(user, new.generation, new.run_id): now for user, now in documents.items()})
    return list(documents)


def _renumbered(text: bytes, new: Basis) -> bytes | None:
    """The document with the number and the time of the new generation; None where it is not of the one before."""
    head = _HEAD.match(text)
    if head is None or int(head[1]) != new.generation - 1:
        return None
    at = f'{new.generation}, "published_at" : "{new.published_at}"'
    return text[: head.start(1)] + at.encode() + text[head.end() :]


def _statement() -> str:
    return hashlib.sha256(query("cache/project_dashboard").encode()).hexdigest()


def _kept_key(generation: int, run_id: str) -> str:
    return f"nexus:{generation}:dashboards:{run_id}"
