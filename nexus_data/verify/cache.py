"""The last hop: what the API answers. Each document in Redis under the current generation beside what Postgres answers
to the API's question, and the numbers that it shows beside sums of the verifier's own."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any

import psycopg
import redis

from nexus_data.sql import query
from nexus_data.verify.history import History
from nexus_data.verify.report import Findings

_USERS_AT_ONCE = 250
_CONNECT_SECONDS, _ANSWER_SECONDS = 2.0, 30.0


@dataclass(slots=True)
class _Expected:
    """Own sums for each user: money by currency (income, expenses), and counts."""

    money: defaultdict[str, dict[str, tuple[Decimal, Decimal]]] = field(default_factory=lambda: defaultdict(dict))
    counts: dict[str, tuple[int, ...]] = field(default_factory=dict)


def check(database: psycopg.Connection[Any], redis_url: str, history: History, findings: Findings) -> None:
    """Compare every user's answer. What is not cached is answered by Postgres, and is no difference."""
    current = history.current
    if current is None:
        return
    with findings.check("API answers", "documents") as counted:
        expected = _own_sums(database)
        # The API's own statements mean the published rows alone, not those that the session lays beside them.
        database.execute("SET LOCAL search_path = public, pg_temp")
        with _client(redis_url) as cache:
            try:
                users = sorted({*_users(database), *_cached_users(cache, current)})
                for part in _parts(users):
                    counted["cached"] += _compare(database, cache, current, part, expected, findings)
            except redis.RedisError as error:
                findings.add("cache_unavailable", setting="NEXUS_REDIS_URL", found=error)


def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_connect_timeout=_CONNECT_SECONDS, socket_timeout=_ANSWER_SECONDS)


def _parts(users: Sequence[str]) -> Iterator[list[str]]:
    source = iter(users)
    while part := list(islice(source, _USERS_AT_ONCE)):
        yield part


def _users(database: psycopg.Connection[Any]) -> set[str]:
    return {row[0] for row in database.execute("SELECT user_id FROM users")}


def _cached_users(cache: redis.Redis, current: Mapping[str, Any]) -> set[str]:
    before, after = f"nexus:{current['generation']}:dashboard:", f":{current['run_id']}"
    keys = (key.decode() for key in cache.scan_iter(match=f"{before}*", count=1000))
    return {key[len(before) : -len(after)] for key in keys if key.endswith(after)}


def _compare(
    database: psycopg.Connection[Any],
    cache: redis.Redis,
    current: Mapping[str, Any],
    users: Sequence[str],
    expected: _Expected,
    findings: Findings,
) -> int:
    keys = [f"nexus:{current['generation']}:dashboard:{user}:{current['run_id']}" for user in users]
    kept = dict(zip(users, cache.mget(keys), strict=True))
    answers = database.execute(query("cache/project_dashboard"), {"user_ids": list(users)}).fetchall()
    for user, _generation, _run_id, text in answers:
        document = json.loads(text)
        _check_numbers(user, document, current, expected, findings)
        if (text_kept := kept[user]) is not None:
            _check_cached(user, text_kept, document, findings)
    return len(answers)


def _check_cached(user: str, kept: bytes | str, answer: Mapping[str, Any], findings: Findings) -> None:
    try:
        document = json.loads(kept)
    except ValueError as error:
        findings.add("cache_document", user=user, found=f"no JSON: {error}")
        return
    for name in sorted({*document, *answer} if isinstance(document, dict) else answer):
        ours, theirs = answer.get(name), document.get(name) if isinstance(document, dict) else document
        if ours != theirs:
            findings.add("cache_document", user=user, column=name, expected=_short(ours), found=_short(theirs))


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:299]}…"


def _check_numbers(
    user: str, document: Mapping[str, Any], current: Mapping[str, Any], expected: _Expected, findings: Findings
) -> None:
    """The key numbers of an answer beside the verifier's own sums over the published rows."""

    def demand(name: str, ours: object, theirs: object) -> None:
        if ours != theirs:
            findings.add("answer", user=user, column=name, expected=ours, found=theirs)

    demand("generation", current["generation"], document["generation"])
    money = expected.money.get(user, {})
    told = {one["currency"]: one for one in document["totals"]}
    for currency in sorted({*money, *told}):
        income, expenses = money.get(currency, (Decimal(0), Decimal(0)))
        one = told.get(currency)
        demand(f"totals.{currency}.income", income, Decimal(one["income"]) if one else None)
        demand(f"totals.{currency}.expenses", expenses, Decimal(one["expenses"]) if one else None)
    projects, milestones, done, cancelled = expected.counts.get(user, (0, 0, 0, 0))
    demand("project_count", projects, document["project_count"])
    for name, ours in (("total", milestones), ("done", done), ("cancelled", cancelled)):
        demand(f"milestones.{name}", ours, document["milestones"][name])


def _own_sums(database: psycopg.Connection[Any]) -> _Expected:
    expected = _Expected()
    for user, currency, income, expenses in database.execute(query("verify/totals")):
        expected.money[user][currency] = (income, expenses)
    for user, *counts in database.execute(query("verify/counts")):
        expected.counts[user] = tuple(counts)
    return expected
