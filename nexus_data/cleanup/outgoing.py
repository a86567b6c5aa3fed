"""What was made for readers and has been read long since: notes of what each publish changed, and written reports."""

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
from psycopg.rows import dict_row

from nexus_data.cleanup.kinds import Candidate, StaysError, Work
from nexus_data.cleanup.regenerable import Unseen
from nexus_data.postgres.connect import connection
from nexus_data.provenance.asking import Row
from nexus_data.retention import Age
from nexus_data.sql import query

ASKED_FOR = 1000
"""Generations of which somebody may still be told: more than the API tells of one by one."""


class Changes(Unseen):
    """What each publish changed for whom, of generations that are told as `missed` since long."""

    name = "changes"

    def find(self, work: Work) -> Iterator[Candidate]:
        """All of it as one thing, up to the last generation that may go."""
        age = work.settings.retention.changes
        if age is None:
            return
        with connection(work.services.postgres_url) as database:
            row = database.execute(
                query("cleanup/changes"), {"before": _before(age, work), "kept": ASKED_FOR}
            ).fetchone()
        if row and row[1]:
            yield Candidate(self.name, f"up to generation {row[0]}", row[1], 0, f"published more than {age} ago")

    def drop(self, work: Work, item: str) -> None:
        """Delete the rows, but of users under a hold."""
        with connection(work.services.postgres_url) as database:
            database.execute(query("cleanup/changes_delete"), {"generation": int(item.rpartition(" ")[2])})


class OldReports(Unseen):
    """Files of written reports. Their rows stay: whose, of what, the SHA-256 of the bytes, when they went."""

    name = "reports"

    def find(self, work: Work) -> Iterator[Candidate]:
        """By path below the home; refused where a hold is about a user whose numbers are in it."""
        age = work.settings.retention.reports
        if age is None:
            return
        with connection(work.services.postgres_url) as database:
            for row in _old(database, before=_before(age, work), path=None):
                yield _candidate(row, age)

    def drop(self, work: Work, item: str) -> None:
        """Delete the file, and say in its row that it is gone; nothing, where it was written anew meanwhile."""
        age = work.settings.retention.reports
        if age is None:
            raise StaysError("reports are kept for ever by now")
        with connection(work.services.postgres_url) as database:
            # From here to the end of the transaction nobody puts anything under a hold.
            database.execute("LOCK TABLE holds IN SHARE MODE")
            rows = _old(database, before=_before(age, work), path=item)
            if not rows:
                return
            if held := _candidate(rows[0], age).refused:
                raise StaysError(held)
            path = work.settings.home / item
            path.unlink(missing_ok=True)
            database.execute(query("cleanup/report_gone"), {"path": item})
        if path.parent.exists() and not any(path.parent.iterdir()):
            path.parent.rmdir()


def _old(database: psycopg.Connection, *, before: datetime, path: str | None) -> list[Row]:
    with database.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query("cleanup/reports"), {"before": before, "path": path}).fetchall()


def _candidate(row: Row, age: Age) -> Candidate:
    held = "; ".join(f"under hold {number}: {reason}" for number, reason in row["holds"])
    return Candidate(OldReports.name, row["path"], 1, row["size"], f"written more than {age} ago", refused=held)


def _before(age: Age, work: Work) -> datetime:
    return datetime.combine(age.before(work.now.date()), datetime.min.time(), UTC)
