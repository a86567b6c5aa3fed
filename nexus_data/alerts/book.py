"""The book of alerts in Postgres: what fired and what is over, one open row a subject, and whom to tell of it.

One transaction a look, one look at a time: two schedulers find the same, and book it once.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from nexus_data.alerts.model import Alert, Condition, Event
from nexus_data.sql import query


def book(
    database: psycopg.Connection,
    conditions: Sequence[Condition],
    *,
    kinds: Collection[str],
    channels: Sequence[str],
    now: datetime,
) -> tuple[tuple[Alert, ...], tuple[Alert, ...]]:
    """Fire what is new, keep what lasts, resolve what is gone; the alerts that fired and those that were resolved.

    kinds: what was looked for: open alerts of other kinds stay as they are. channels: who is to be told.
    """
    with database.transaction():
        database.execute(query("alerts/lock"))
        before = {(alert.kind, alert.subject): alert for alert in alerts(database, open_only=True)}
        seen = {(one.kind, one.subject): one for one in conditions}
        fired = tuple(_fire(database, one, now) for key, one in seen.items() if key not in before)
        for key in seen.keys() & before.keys():
            _last(database, before[key], seen[key], now)
        over = [alert for key, alert in before.items() if key not in seen and alert.kind in kinds]
        resolved = tuple(_resolve(database, alert, now) for alert in over)
        _to_tell(database, fired, "fired", channels, now)
        _to_tell(database, resolved, "resolved", channels, now)
    return fired, resolved


def alerts(database: psycopg.Connection, *, open_only: bool = False, limit: int = 1000) -> list[Alert]:
    """Open alerts first, then the newest; at most `limit`."""
    with database.cursor(row_factory=class_row(Alert)) as cursor:
        return cursor.execute(query("alerts/newest"), {"open_only": open_only, "limit": limit}).fetchall()


def _fire(database: psycopg.Connection, one: Condition, now: datetime) -> Alert:
    identity = "\0".join((one.kind, one.subject, now.isoformat())).encode()
    alert_id = UUID(bytes=hashlib.sha256(identity).digest()[:16])
    alert = Alert(alert_id, one.kind, one.subject, one.severity, one.message, now, now, None)
    database.execute(query("alerts/fire"), _parameters(alert))
    return alert


def _last(database: psycopg.Connection, alert: Alert, one: Condition, now: datetime) -> None:
    seen = {"alert_id": alert.alert_id, "severity": one.severity, "message": one.message, "now": now}
    database.execute(query("alerts/seen"), seen)


def _resolve(database: psycopg.Connection, alert: Alert, now: datetime) -> Alert:
    database.execute(query("alerts/resolve"), {"alert_id": alert.alert_id, "now": now})
    return replace(alert, resolved_at=now)


def _to_tell(
    database: psycopg.Connection, told: Sequence[Alert], event: Event, channels: Sequence[str], now: datetime
) -> None:
    rows = [
        {"alert_id": alert.alert_id, "event": event, "channel": channel, "now": now}
        for alert in told
        for channel in channels
    ]
    with database.cursor() as cursor:
        cursor.executemany(query("alerts/tell"), rows)


def _parameters(alert: Alert) -> dict[str, Any]:
    return {name: getattr(alert, name) for name in ("alert_id", "kind", "subject", "severity", "message", "fired_at")}
