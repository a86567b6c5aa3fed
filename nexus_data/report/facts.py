"""What a report is made of, asked of the database as one generation. What it means is in `sections`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from nexus_data.errors import ReportError
from nexus_data.provenance.asking import Asking, Question, Row, nothing_yet
from nexus_data.report.period import Period
from nexus_data.sql import query

MOST_ROWS = 10_000
"""So many rows a table has at most; how many there are is said."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose report: of one user, or of all users of a role. The other is None."""

    user_id: str | None = None
    role: str | None = None

    @property
    def folder(self) -> tuple[str, str]:
        """`users` or `roles`, and which."""
        return ("users", self.user_id or "") if self.role is None else ("roles", self.role)


@dataclass(frozen=True, slots=True)
class Facts:
    """Rows as the queries `report/<name>` document them. users: user_id, display_name and role of each. removed: months
    to the end of the period that cleanup took out of Postgres; then positions are those of this generation."""

    subject: Subject
    period: Period
    generation: int
    published_at: datetime
    as_of: date | None
    users: list[Row]
    removed: tuple[str, ...] = ()
    rows: Mapping[str, list[Row]] = field(default_factory=dict)


_PARTS = ("totals", "course", "projects", "milestones", "files", "rejected")


def facts(subject: Subject, period: Period) -> Asking[Facts]:
    """Ask for all of it. ReportError for a user or a role that there is not, TraceError before the first publish."""
    made = yield Question(query("report/generation"))
    if not made:
        raise nothing_yet()
    users = yield Question(query("report/subject"), {"user_id": subject.user_id, "role": subject.role})
    if not users:
        raise ReportError(_nobody(subject))
    values = {
        "user_ids": [user["user_id"] for user in users],
        "first_day": period.first,
        "last_day": period.last,
        "bucket": period.bucket,
        "limit": MOST_ROWS,
    }
    gone = yield Question(query("ledger/removed_months"))
    removed = tuple(row["month"] for row in gone if row["month"] <= f"{period.last:%Y-%m}")
    found = {}
    found["positions"] = yield Question(query("report/positions_ever" if removed else "report/positions"), values)
    for part in _PARTS:
        found[part] = yield Question(query(f"report/{part}"), values)
    sources = sorted({row["source"] for row in found["files"]})
    found["quality"] = yield Question(query("report/quality"), {"sources": sources, "limit": MOST_ROWS})
    return Facts(subject, period, users=users, removed=removed, rows=found, **made[0])


def _nobody(subject: Subject) -> str:
    if subject.role is None:
        return f"--user {subject.user_id!r}: there is no such user in this generation"
    return f"--role {subject.role!r}: no user of this generation has that role"
