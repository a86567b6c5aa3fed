"""Bytes of kept files that nothing served needs any more. What a file was stays: in `files`, the ledger, the lake.

While Postgres serves a month, the records behind it must be shown as they stand in their files. Once all months of a
file have left, its rows in the lake stand for it, and the verifier goes by these.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from nexus_data import lake
from nexus_data.cleanup.kinds import Candidate, StaysError, Work
from nexus_data.cleanup.regenerable import Unseen
from nexus_data.durable import sync
from nexus_data.postgres.connect import connection
from nexus_data.postgres.kept_files import demand_unread
from nexus_data.raw_files import kept_path
from nexus_data.retention import Age
from nexus_data.sql import query
from nexus_data.tables.history import REVISIONS, SNAPSHOT_VERSIONS

_SHA256 = 64


class RawFiles(Unseen):
    """Kept files, by SHA-256."""

    name = "raw_files"

    def find(self, work: Work) -> Iterator[Candidate]:
        """Each that landed longer ago than its retention, with why it may not go where it may not."""
        age = work.settings.retention.raw
        if age is None:
            return
        kept = sorted(path.name for path in (work.settings.home / "raw").glob("??/*") if len(path.name) == _SHA256)
        versions = _of_versions(work.settings.home)
        with connection(work.services.postgres_url) as database:
            for row in _old(database, kept, age=age, work=work):
                size = kept_path(work.settings.home, row["sha256"]).stat().st_size
                reason = f"{row['name']}, landed more than {age} ago; its months are in the lake alone"
                refused = _refused(row, versions)
                yield Candidate(self.name, row["sha256"], row["records"], size, reason, refused=refused)

    def drop(self, work: Work, item: str) -> None:
        """Delete the bytes, unless a hold has come since; waits for who verifies."""
        age, place = work.settings.retention.raw, kept_path(work.settings.home, item)
        if not place.exists():
            return
        if age is None:
            raise StaysError("raw files are kept for ever by now")
        with connection(work.services.postgres_url) as database:
            demand_unread(database)
            # From here to the end of the transaction nobody puts anything under a hold.
            database.execute("LOCK TABLE holds IN SHARE MODE")
            rows = _old(database, [item], age=age, work=work)
            refused = _refused(rows[0], _of_versions(work.settings.home)) if rows else "it is not that old"
            if refused := refused or _altered(place):
                raise StaysError(refused)
            place.unlink()
            sync(place.parent)

    def begun(self, work: Work, item: str) -> bool:
        """Whether the bytes are gone: while they are there, all that speaks against it counts."""
        return not kept_path(work.settings.home, item).exists()


def _old(database: psycopg.Connection[Any], kept: Sequence[str], *, age: Age, work: Work) -> list[dict[str, Any]]:
    before = datetime.combine(age.before(work.now.date()), datetime.min.time(), UTC)
    with database.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query("cleanup/raw_files"), {"sha256": list(kept), "before": before}).fetchall()


def _refused(row: Mapping[str, Any], versions: frozenset[bytes]) -> str:
    """Why the bytes must stay; nothing when they may go."""
    if row["held"]:
        return "it waits for a contract that reads it"
    if not row["operations"]:
        return "its rows are of a table that is served whole"
    if row["waiting"]:
        return f"{row['waiting']} of its records wait in quarantine: `nexus quarantine list`"
    if row["served"]:
        return f"operations of {row['served']} are served, and shown with their records"
    if row["file_id"].bytes in versions:
        return "it corrects or cancels records of other files, or is a version of a full export"
    if row["verified_generation"] < row["last_generation"]:
        return f"not verified since generation {row['last_generation']} took it in: `nexus verify` first"
    return "; ".join(f"under hold {number}: {reason}" for number, reason in row["holds"])


def _of_versions(home: Path) -> frozenset[bytes]:
    """Files whose records say what became of other files'."""
    return frozenset(
        file_id for table in (REVISIONS, SNAPSHOT_VERSIONS) for file_id in lake.snapshot(home, table)["file_id"]
    )


def _altered(place: Path) -> str:
    with place.open("rb") as file:
        same = hashlib.file_digest(file, "sha256").hexdigest() == place.name
    return "" if same else "its bytes were altered since they were kept: `nexus verify` names what that touches"
