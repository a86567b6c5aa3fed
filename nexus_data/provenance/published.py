"""What the database knows of one published row: the row itself, its versions, its file, quarantine, corrections."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg import sql

from nexus_data.errors import TraceError
from nexus_data.provenance.asking import Asking, Question, Row, generation
from nexus_data.provenance.removed import RemovedError, month_of
from nexus_data.sql import query
from nexus_data.tables import CANONICAL

OPERATIONS = "trading_operations"


@dataclass(frozen=True, slots=True)
class Published:
    """row: as the table holds it. status: published, removed or superseded. versions: those that are not published
    any more.

    files: the landings of its file, the row's user's first. landed_again: later landings of the same bytes.
    corrections: of its record, in_force: of any record of its file. let_go: when cleanup last removed the file's bytes,
    if it ever did. removed: how the row's month left Postgres, of one whose row only the lake has.
    """

    table: str
    id: str
    status: str
    generation: int
    row: Row
    versions: list[Row]
    files: list[Row]
    landed_again: list[Row]
    quarantine: list[Row]
    corrections: list[Row]
    in_force: list[Row]
    let_go: list[Row]
    removed: Row | None = None


def operation(
    operation_id: str, *, user_id: str | None = None, lake_rows: Sequence[Row] | None = None
) -> Asking[Published]:
    """What is known of an operation. TraceError when there is none of that id, or it is not that user's.

    lake_rows: those of it that `in_lake.in_lake` found; None: nobody has looked. RemovedError then, where the lake
    alone may have it.
    """
    current = yield from generation()
    name = _uuid(operation_id)
    wanted = {"operation_id": name, "user_id": user_id}
    found = yield Question(query("trace/operation"), wanted)
    versions = yield Question(query("trace/superseded_operations"), wanted)
    if found:
        return (yield from _completed(found[0], OPERATIONS, str(name), current, versions=versions))
    months = yield Question(query("trace/removed_months"), {"user_id": user_id})
    if months and lake_rows is None:
        raise RemovedError(name, user_id=user_id, generation=current, months=months)
    for row in lake_rows or ():
        if month := month_of(row, months):
            return (yield from _completed(row, OPERATIONS, str(name), current, versions=versions, removed=month))
    if versions:
        return (yield from _completed(versions[0], OPERATIONS, str(name), current, versions=versions))
    raise TraceError(f"no operation {name} in generation {current}")


def row(table: str, key: str, *, user_id: str | None = None) -> Asking[Published]:
    """What is known of a row of a keyed table. TraceError when there is none of that key, or it is not that user's."""
    current = yield from generation()
    found = yield from _row(table, key)
    if found is None or (user_id is not None and (yield from _owner(found)) != user_id):
        raise TraceError(f"no row {key!r} of {table} in generation {current}")
    return (yield from _completed(found, table, key, current))


def _row(table: str, key: str) -> Asking[Row | None]:
    column = sql.Identifier(CANONICAL[table].key[-1])
    statement = sql.SQL(query("trace/row")).format(table=sql.Identifier(table), key=column)
    found = yield Question(statement, {"key": key})
    return found[0] if found else None


def _owner(found: Row) -> Asking[str | None]:
    """Whose a row is: its own user's, or its project's."""
    if "user_id" in found:
        return str(found["user_id"])
    project = yield from _row("projects", found["project_id"])
    return str(project["user_id"]) if project else None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise TraceError(f"{text!r} is no operation id: it is 32 hex digits, with or without dashes") from None


def _completed(
    found: Row, table: str, key: str, current: int, *, versions: Sequence[Row] = (), removed: Row | None = None
) -> Asking[Published]:
    about = {name: found[name] for name in ("file_id", "source", "record_no")}
    files = yield Question(query("trace/files"), {**about, "user_id": found.get("user_id", "")})
    mine = {**about, "user_id": files[0]["user_id"] if files else ""}
    return Published(
        table=table,
        id=key,
        status="removed" if removed else "superseded" if "superseded_generation" in found else "published",
        generation=current,
        row=found,
        versions=list(versions),
        files=files,
        landed_again=(yield Question(query("trace/landed_again"), about)),
        quarantine=(yield Question(query("trace/quarantine"), mine)),
        corrections=(yield Question(query("trace/corrections"), mine)),
        in_force=(yield Question(query("ledger/corrections_in_force"), mine)),
        let_go=(yield Question(query("ledger/raw_files_let_go"), {"sha256": files[0]["sha256"] if files else ""})),
        removed=removed,
    )
