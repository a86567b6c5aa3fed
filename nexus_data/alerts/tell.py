"""Telling people: what the book says is to be told, channel by channel, until each has taken it.

A message whose sender dies between the channel's yes and the book's is sent again: twice is better than never.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from nexus_data.notify import Channel, Message, send
from nexus_data.sql import query

log = logging.getLogger(__name__)

LOG = "log"
"""The channel that is always there."""


def tell(database: psycopg.Connection, channels: Sequence[Channel], *, now: datetime) -> int:
    """Try every message that is due, oldest first; how many nobody took yet.

    What is due to a channel that the settings do not name any more is dropped.
    """
    by_name = {channel.name: channel for channel in channels}
    while _next(database, by_name, now):
        pass
    row = database.execute(query("alerts/undelivered")).fetchone()
    return int(row[0]) if row else 0


def _next(database: psycopg.Connection, channels: dict[str, Channel], now: datetime) -> bool:
    with database.transaction(), database.cursor(row_factory=dict_row) as cursor:
        due = cursor.execute(query("alerts/due"), {"now": now}).fetchone()
        if due is None:
            return False
        error = _deliver(due, channels)
        key = {name: due[name] for name in ("alert_id", "event", "channel")}
        cursor.execute(query("alerts/told"), {**key, "error": error, "now": now})
    return True


def _deliver(due: dict[str, Any], channels: dict[str, Channel]) -> str | None:
    message = _message(due)
    if due["channel"] == LOG:
        log.log(logging.INFO if due["event"] == "resolved" else logging.ERROR, "%s: %s", message.title, message.text)
        return None
    channel = channels.get(due["channel"])
    return send(channel, message) if channel else None


def _message(due: dict[str, Any]) -> Message:
    title = f"{due['kind'].replace('_', ' ')}: {due['subject']}"
    if due["event"] == "resolved":
        lasted = due["resolved_at"] - due["fired_at"]
        return Message(f"NEXUS resolved: {title}", f"Over after {lasted}. It was: {due['message']}", "success")
    seen = f"{due['message']} (since {due['fired_at']:%Y-%m-%d %H:%M} UTC)"
    return Message(f"NEXUS {due['severity']}: {title}", seen, "failure" if due["severity"] == "critical" else "warning")
