"""The values that travel between looking, keeping and telling."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Severity = Literal["warning", "critical"]
Event = Literal["fired", "resolved"]


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is wrong now. kind and subject are its identity; message says what was seen, for people."""

    kind: str
    subject: str
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class Alert:
    """A condition over time. resolved_at: None while it lasts. Times are UTC."""

    alert_id: UUID
    kind: str
    subject: str
    severity: Severity
    message: str
    fired_at: datetime
    seen_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Look:
    """What one look came to: alerts that fired, that were resolved, that last, and messages that nobody took yet."""

    fired: tuple[Alert, ...]
    resolved: tuple[Alert, ...]
    open: int
    undelivered: int
