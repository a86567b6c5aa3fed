"""Which records of quarantine are meant: the filters that every command shares, and what they are to a statement."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import psycopg

from nexus_data.errors import QuarantineError
from nexus_data.sql import query


@dataclass(frozen=True, slots=True)
class Selection:
    """None lets all pass. rule: CODE, or CODE:field. file: its name, or the first digits of its SHA-256.

    since: a generation, or a date or time in ISO 8601 (UTC where it names no offset): what came into quarantine by that
    generation, or by one committed then, or later.
    """

    source: str | None = None
    user: str | None = None
    rule: str | None = None
    file: str | None = None
    since: str | None = None

    def parameters(self, database: psycopg.Connection) -> dict[str, Any]:
        """As the statements in sql/queries/quarantine/ take it. QuarantineError for a `since` that is neither."""
        return {
            "source": self.source,
            "user_id": self.user,
            "rule": self.rule,
            "file": self.file,
            "since": None if self.since is None else _generation(database, self.since),
        }


def _generation(database: psycopg.Connection, since: str) -> int:
    if since.isdecimal():
        return int(since)
    row = database.execute(query("ledger/generation_since"), {"since": _time(since)}).fetchone()
    return int(row[0]) if row else 0


def _time(since: str) -> dt.datetime:
    try:
        time = dt.datetime.fromisoformat(since)
    except ValueError:
        raise QuarantineError(
            f"since {since!r}: neither a generation (a whole number) nor a date or time like 2024-03-31"
        ) from None
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)
