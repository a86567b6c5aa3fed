"""Whether the promises hold of what is published: each check asks the database afresh, after the commit.

What must hold for a commit to happen at all is demanded by `publish`, inside its transaction; this is the second look.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import redis

from nexus_data.cache import dashboard_key
from nexus_data.ledger import current_generation
from nexus_data.postgres.connect import connection
from nexus_data.sql import query

REJECTED_SHARE = 0.05
"""More than this share of a source's records in quarantine deserves a look at its contract."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. summary is one line for people; faults are the rows that differ, at most a hundred."""

    passed: bool
    summary: str
    numbers: Mapping[str, int | float] = field(default_factory=dict)
    faults: tuple[Mapping[str, str], ...] = ()


def ledger_balances(database_url: str) -> Finding:
    """Every hop of the newest generation accounts for all it received, and received all that was passed on."""
    faults = _rows(database_url, "checks/ledger_balance", {})
    return _finding("hops balance in count and fingerprint", "hops do not balance", faults, {})


def published_rows(database_url: str, *, everything: bool = False) -> Finding:
    """Each table, and month of operations, holds as many rows as the ledger says.

    Of operations, the months that the newest generation touched; `everything` looks at all months.
    """
    return _published(database_url, everything, expected="records_expected", found="records", what="rows")


def published_fingerprints(database_url: str, *, everything: bool = False) -> Finding:
    """As `published_rows`, for the sums of the row fingerprints: the very records that the ledger counted are there."""
    return _published(database_url, everything, expected="fp_expected", found="fp", what="fingerprints")


def _published(database_url: str, everything: bool, *, expected: str, found: str, what: str) -> Finding:
    rows = _rows(database_url, "checks/published", {"everything": everything})
    faults = [row for row in rows if row[expected] != row[found]]
    numbers = {"tables_and_months": len(rows), "rows": sum(int(row["records"]) for row in rows)}
    return _finding(f"{what} equal the ledger", f"{what} differ from the ledger", faults, numbers)


def quarantine(database_url: str, *, everything: bool = False) -> Finding:
    """Quarantine holds the records that the ledger says were rejected and not replayed since, in count and fingerprint.

    Of the files that the newest generation touched; `everything` looks at all files.
    """
    with connection(database_url) as database:
        newest = current_generation(database).generation
    faults = _rows(database_url, "ledger/unbalanced_quarantine", {"generation": None if everything else newest})
    return _finding("quarantine equals the ledger", "quarantine differs from the ledger", faults, {})


def rejected_share(database_url: str, *, limit: float = REJECTED_SHARE) -> Finding:
    """No source had more than `limit` of its records rejected in the newest generation."""
    rows = _rows(database_url, "checks/rejected_share", {})
    shares = {row["source"]: int(row["rejected"]) / int(row["records"]) for row in rows}
    faults = [row for row in rows if shares[row["source"]] > limit]
    total = sum(int(row["records"]) for row in rows)
    numbers = {"records": total, "rejected": sum(int(row["rejected"]) for row in rows)}
    return _finding(f"at most {limit:.0%} of each source rejected", f"more than {limit:.0%} rejected", faults, numbers)


def cache_current(database_url: str, *, redis_url: str) -> Finding:
    """Redis holds the dashboard of a user of the newest generation, under that generation."""
    with connection(database_url) as database:
        current = current_generation(database)
        user = database.execute(query("checks/any_user")).fetchone()
    if user is None:
        return Finding(passed=True, summary="no user, so nothing to cache")
    key = dashboard_key(user[0], generation=current.generation, run_id=current.run_id)
    try:
        with redis.Redis.from_url(redis_url, socket_connect_timeout=2.0, socket_timeout=5.0) as cache:
            there = bool(cache.exists(key))
    except (redis.RedisError, OSError, ValueError) as error:
        return Finding(passed=False, summary=f"Redis (NEXUS_REDIS_URL) cannot be used: {error}")
    state = "holds" if there else "lacks"
    numbers = {"generation": current.generation}
    return Finding(passed=there, summary=f"the cache {state} generation {current.generation}", numbers=numbers)


def _rows(database_url: str, name: str, parameters: Mapping[str, Any]) -> list[dict[str, str]]:
    with connection(database_url) as database:
        cursor = database.execute(query(name), parameters)
        columns = [column.name for column in cursor.description or ()]
        return [dict(zip(columns, map(str, row), strict=True)) for row in cursor]


def _finding(good: str, bad: str, faults: list[dict[str, str]], numbers: Mapping[str, int | float]) -> Finding:
    counted = {**numbers, "faults": len(faults)}
    if not faults:
        return Finding(passed=True, summary=good, numbers=counted)
    first = ", ".join(f"{name} {value}" for name, value in faults[0].items())
    return Finding(
        passed=False,
        summary=f"{bad}: {len(faults)} in all, first: {first}",
        numbers=counted,
        faults=tuple(faults[:100]),
    )
