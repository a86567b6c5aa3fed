"""Holds: evidence that cleanup must leave alone for a case. Nothing is removed here; cleanup asks."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from nexus_data.errors import HoldError
from nexus_data.postgres.connect import connection
from nexus_data.postgres.migrate import migrate
from nexus_data.services import running
from nexus_data.settings import Settings
from nexus_data.sql import query

_PERIOD = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_HEX = re.compile(r"[0-9a-f]{6,64}")


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold. Conditions that are None are met by everything; first_date and last_date are days of operations.

    file is the name of the file of file_id. removed_by, removed_reason, removed_at: None while it is in force.
    """

    hold_id: int
    user_id: str | None
    source: str | None
    file: str | None
    file_id: UUID | None
    first_date: date | None
    last_date: date | None
    reason: str
    made_by: str
    made_at: datetime
    removed_by: str | None = None
    removed_reason: str | None = None
    removed_at: datetime | None = None

    def told(self) -> str:
        """What it holds, for people."""
        days = f"{self.first_date or 'the beginning'} to {self.last_date or 'now'}"
        parts = [
            f"user {self.user_id}" if self.user_id else "",
            f"source {self.source}" if self.source else "",
            f"file {self.file}" if self.file else "",
            days if self.first_date or self.last_date else "",
        ]
        return ", ".join(part for part in parts if part) or "everything"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a hold is to be about: all that is given must be met; nothing given is everything.

    file: name, or start of the SHA-256. period: YYYY, YYYY-MM, YYYY-MM-DD, or two of them joined by `..`.
    """

    user: str | None = None
    source: str | None = None
    file: str | None = None
    period: str | None = None


def add(settings: Settings, scope: Scope, *, reason: str, made_by: str) -> Hold:
    """Put evidence under a hold, at once. HoldError for a file that nobody knows, or a period that cannot be read."""
    first, last = period_bounds(scope.period) if scope.period else (None, None)
    with running(settings) as services:
        migrate(services.postgres_url)
        with connection(services.postgres_url) as database:
            database.execute("LOCK TABLE holds IN EXCLUSIVE MODE")
            row = {
                "user_id": scope.user,
                "source": scope.source,
                "file_id": _file_id(database, scope.file) if scope.file else None,
                "first_date": first,
                "last_date": last,
                "reason": reason,
                "made_by": made_by,
            }
            found = database.execute(query("holds/add"), row).fetchone()
            number = found[0] if found else 0
            return next(one for one in in_force(database) if one.hold_id == number)


def remove(settings: Settings, hold_id: int, *, reason: str, removed_by: str) -> Hold:
    """Lift a hold; its row stays, with who lifted it and why. HoldError when there is none in force of that number."""
    with running(settings) as services:
        migrate(services.postgres_url)
        with connection(services.postgres_url) as database:
            about = {"hold_id": hold_id, "removed_by": removed_by, "reason": reason}
            if database.execute(query("holds/remove"), about).rowcount != 1:
                raise HoldError(f"there is no hold {hold_id} in force: `nexus hold list` shows those that are")
            return next(one for one in _holds(database, everything=True) if one.hold_id == hold_id)


def listed(settings: Settings, *, everything: bool = False) -> tuple[Hold, ...]:
    """The holds in force, newest first; everything: also those that were lifted."""
    with running(settings) as services:
        migrate(services.postgres_url)
        with connection(services.postgres_url) as database:
            return _holds(database, everything=everything)


def in_force(database: psycopg.Connection[Any]) -> tuple[Hold, ...]:
    """The holds that cleanup must respect."""
    return _holds(database, everything=False)


def _holds(database: psycopg.Connection[Any], *, everything: bool) -> tuple[Hold, ...]:
    with database.cursor(row_factory=class_row(Hold)) as cursor:
        return tuple(cursor.execute(query("holds/all"), {"everything": everything}).fetchall())


def _file_id(database: psycopg.Connection[Any], name: str) -> UUID:
    start = name.lower() if _HEX.fullmatch(name.lower()) else "-"
    found = database.execute(query("holds/file"), {"name": name, "start": start}).fetchall()
    if not found:
        raise HoldError(f"no file {name} has come in: give its name, or the first six or more digits of its SHA-256")
    if len(found) > 1:
        hashes = ", ".join(sha256[:12] for _, _, sha256 in found)
        raise HoldError(f"{len(found)} files are called {name}: give the first digits of one's SHA-256 ({hashes})")
    return UUID(str(found[0][0]))


def period_bounds(text: str) -> tuple[date, date]:
    """First and last day of `2024`, `2024-03`, `2024-03-15`, or of a span `2024-01..2024-06`; HoldError for others."""
    first, _, last = text.partition("..")
    try:
        begin, end = _days(first)[0], _days(last or first)[1]
    except ValueError:
        raise HoldError(f"{text} is no period: write 2024, 2024-03, 2024-03-15, or 2024-01..2024-06") from None
    if begin > end:
        raise HoldError(f"{text} is no period: it ends before it begins")
    return begin, end


def _days(text: str) -> tuple[date, date]:
    if not _PERIOD.fullmatch(text):
        raise ValueError(text)
    year, month, day = (int(part) for part in (*text.split("-"), "0", "0")[:3])
    first = date(year, month or 1, day or 1)
    if day:
        return first, first
    after = date(year + 1, 1, 1) if not month or month == 12 else date(year, month + 1, 1)
    return first, after - timedelta(days=1)
