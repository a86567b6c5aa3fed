"""One record that was rejected: what it says, what is wrong with it, and what became of it since."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from nexus_data.contract.load import load_all
from nexus_data.errors import FileError, QuarantineError
from nexus_data.postgres.connect import connection
from nexus_data.quarantine.files import QuarantinedFile, quarantined_files, recognised
from nexus_data.readers.locate import find_record
from nexus_data.rules import Broken, broken
from nexus_data.settings import Settings
from nexus_data.sql import query

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Judgement:
    """One time that the record was rejected. generation, at: when. resolution: null while it is open, else where the
    record went in resolved_generation, judged by resolved_contract_version (`rejected`: see the next judgement)."""

    hop: str
    rules: tuple[Broken, ...]
    contract_version: str
    generation: int
    at: str
    resolution: str | None
    resolved_generation: int | None
    resolved_at: str | None
    resolved_run_id: str | None
    resolved_contract_version: str | None


@dataclass(frozen=True, slots=True)
class Correction:
    """What a field was made to say instead: old_text is null where the reader could not tell the record's fields."""

    field: str
    old_text: str | None
    new_text: str
    made_by: str
    reason: str
    made_at: str
    generation: int


@dataclass(frozen=True, slots=True)
class Record:
    """A record that is or was in quarantine. raw: its text, NUL as \\x00; empty where cleanup let it go after
    the record had left. line: null where the format has no lines.

    fields: the raw columns as the file has them, by the names that corrections use; empty where the reader cannot tell
    them, and `unread` says why.
    """

    file: str
    sha256: str
    source: str
    user_id: str
    table_name: str
    record_no: int
    line: int | None
    raw: str
    open: bool
    judgements: tuple[Judgement, ...]
    corrections: tuple[Correction, ...]
    fields: dict[str, str]
    unread: str = ""


def record(
    settings: Settings, url: str, *, file: str, record_no: int, source: str | None = None, user: str | None = None
) -> Record:
    """The record of that number in the file of that name or SHA-256. QuarantineError when there is none, or several."""
    with connection(url) as database:
        database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        of = _the_file(database, file, record_no, source, user)
        history = _rows(database, "quarantine/history", of, record_no)
        corrections = _rows(database, "quarantine/corrections", of, record_no)
    fields, unread = _fields(settings, of, record_no)
    return Record(
        file=of.name,
        sha256=of.sha256,
        source=of.source,
        user_id=of.user_id,
        table_name=history[-1]["table_name"],
        record_no=record_no,
        line=history[-1]["line"],
        raw=history[-1]["raw"],
        open=history[-1]["resolution"] is None,
        judgements=tuple(map(_judgement, history)),
        corrections=tuple(Correction(**{**row, "made_at": row["made_at"].isoformat()}) for row in corrections),
        fields=fields,
        unread=unread,
    )


def _the_file(
    database: psycopg.Connection, name: str, record_no: int, source: str | None, user: str | None
) -> QuarantinedFile:
    files = quarantined_files(database, file=name, source=source, user_id=user)
    found = [file for file in files if _rows(database, "quarantine/history", file, record_no)]
    if not files:
        raise QuarantineError(f"no file with records in quarantine has the name or SHA-256 {name!r}")
    if not found:
        raise QuarantineError(f"record {record_no} of {name!r} was never in quarantine")
    if len(found) > 1:
        several = "; ".join(f"{file.sha256[:12]}, source {file.source}, user {file.user_id}" for file in found)
        raise QuarantineError(f"{name!r} is several files: {several}. Say which by SHA-256, --source or --user")
    return found[0]


def _rows(database: psycopg.Connection, name: str, file: QuarantinedFile, record_no: int) -> list[Row]:
    about = {"file_id": file.file_id, "source": file.source, "user_id": file.user_id, "record_no": record_no}
    with database.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query(name), about).fetchall()


def _judgement(row: Row) -> Judgement:
    return Judgement(
        hop=row["hop"],
        rules=tuple(broken(row["rules"])),
        contract_version=row["contract_version"],
        generation=row["generation"],
        at=row["rejected_at"].isoformat(),
        resolution=row["resolution"],
        resolved_generation=row["resolved_generation"],
        resolved_at=row["resolved_at"].isoformat() if row["resolved_at"] else None,
        resolved_run_id=row["resolved_run_id"],
        resolved_contract_version=row["resolved_contract_version"],
    )


def _fields(settings: Settings, of: QuarantinedFile, record_no: int) -> tuple[dict[str, str], str]:
    """The record's fields as the file has them, or why they cannot be told."""
    file = recognised(settings, of, load_all(), number=0)
    if file.layout is None:
        return {}, file.reason
    try:
        found = find_record(
            Path(file.kept),
            file.layout,
            record_no,
            batch_bytes=settings.batch_bytes,
            max_expanded_bytes=settings.max_expanded_bytes,
        ).record.row(0, named=True)
    except FileError:
        return {}, f"its fields cannot be told apart; the columns are {', '.join(file.layout.columns)}"
    return {name: found[name] for name in file.layout.expected}, ""
