"""What is in quarantine: groups by source, file and rule, or single records, a page at a time."""

from dataclasses import dataclass
from typing import Any, Literal

import psycopg
from psycopg.rows import dict_row

from nexus_data.postgres.connect import connection
from nexus_data.quarantine.selection import Selection
from nexus_data.sql import query

Row = dict[str, Any]
State = Literal["open", "resolved", "all"]


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list: `limit` rows after the first `offset`."""

    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """records: all that the filters choose. total: rows of all pages, which are groups or records. rows: one page.

    A group: source, table_name, file, sha256, user_id, rule, records, first_record, since (generation). A record:
    source, table_name, file, sha256, user_id, record_no, line, hop, rules, raw, contract_version, generation,
    resolution, resolved_generation. file and sha256 are null where the table files does not have the file.
    """

    records: int
    total: int
    rows: tuple[Row, ...]


def groups(url: str, *, selection: Selection, state: State = "open", page: Page | None = None) -> Listing:
    """Records by source, file, owner and rule; one that broke two rules is in two groups, and once in `records`."""
    with connection(url) as database:
        about = _about(database, selection, state)
        rows = _rows(database, "quarantine/groups", about, page or Page())
        count = _count(database, about)
    total = rows[0]["groups"] if rows else 0
    return Listing(count, total, tuple({name: row[name] for name in row if name != "groups"} for row in rows))


def records(url: str, *, selection: Selection, state: State = "open", page: Page | None = None) -> Listing:
    """Single records, those that came into quarantine first at the top."""
    with connection(url) as database:
        about = _about(database, selection, state)
        count = _count(database, about)
        return Listing(count, count, tuple(_rows(database, "quarantine/records", about, page or Page())))


@dataclass(frozen=True, slots=True)
class After:
    """How things stand after a replay. changed: it made a generation. waiting: records in quarantine. held: files."""

    changed: bool
    waiting: int
    held: int


def after(url: str, *, run_id: str) -> After:
    """What that run left."""
    with connection(url) as database:
        about = _about(database, Selection(), "open")
        changed = database.execute(query("ledger/generation_of_run"), {"run_id": run_id}).fetchone() is not None
        held = database.execute(query("quarantine/held_files"), about).fetchall()
        return After(changed, _count(database, about), len(held))


def _about(database: psycopg.Connection, selection: Selection, state: State) -> dict[str, Any]:
    database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    return {**selection.parameters(database), "state": state}


def _count(database: psycopg.Connection, about: dict[str, Any]) -> int:
    row = database.execute(query("quarantine/count"), about).fetchone()
    return int(row[0]) if row else 0


def _rows(database: psycopg.Connection, name: str, about: dict[str, Any], page: Page) -> list[Row]:
    with database.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query(name), {**about, "limit": page.limit, "offset": page.offset}).fetchall()
