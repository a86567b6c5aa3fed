"""What a trace tells, as plain values: the command line prints them, the API and --json encode them.

Money is exact decimal text, days and instants (UTC) are ISO 8601 text, ids are text; null is null.
"""

from typing import Any

import msgspec


class RawText(msgspec.Struct, frozen=True):
    """A raw column as it stands in the record.

    column: as the contract calls it; header: as the file's own header does; position: its place in the file, from 1,
    None where the file has no such column or its columns have no order.
    """

    column: str
    header: str
    position: int | None
    text: str


class FieldTrace(msgspec.Struct, frozen=True):
    """A canonical field beside what it was made of.

    value: as published. origin: column, constant, path (the landed path), product (of two fields), day (of
    transact_time), landing (whom the file was landed for), account (whose the account is), default, none.
    texts: the original text of each raw column read. rules: what was done to them, in order. recomputed: what the
    kernel makes of the kept record today, where that differs from the value.
    """

    name: str
    value: str | None
    origin: str
    texts: tuple[RawText, ...] = ()
    rules: tuple[str, ...] = ()
    differs: bool = False
    recomputed: str | None = None


class FileTrace(msgspec.Struct, frozen=True):
    """The kept file. kept: where its bytes are; intact: whether they still have the SHA-256.

    removed: when and by which cleanup retention removed the bytes; kept is "" then, and no record can be shown.
    """

    name: str
    landed_as: str
    landed_for: str | None
    sha256: str
    size: int
    kept: str
    intact: bool
    generation: int
    run_id: str | None
    landed_at: str
    also_landed_for: tuple[str, ...] = ()
    landed_again: tuple[dict[str, Any], ...] = ()
    removed: str | None = None


class ContractTrace(msgspec.Struct, frozen=True):
    """The contract that judged the record. installed_version: of the contract that is installed now, None: none is."""

    source: str
    dataset: str
    version: str
    installed_version: str | None
    title: str = ""
    variant: str = ""
    kind: str = ""
    note: str = ""


class PartTrace(msgspec.Struct, frozen=True):
    """Another record of the same operation, which is made of several."""

    record_no: int
    line: int | None
    last_line: int | None
    raw: str


class RecordTrace(msgspec.Struct, frozen=True):
    """The record where it stands. line, last_line: physical lines from 1, or rows of the sheet. raw: as in the file.

    encoding: that raw was decoded from. command: prints the lines with standard tools, "" where they cannot.
    fingerprint: the record's own; intact: whether the kept record still has it. parts: the other records that make the
    operation with it.
    """

    record_no: int
    format: str
    member: str
    sheet: str | None
    encoding: str
    line: int | None
    last_line: int | None
    raw: str
    command: str
    fingerprint: int
    intact: bool
    parts: tuple[PartTrace, ...] = ()


class IdentityTrace(msgspec.Struct, frozen=True):
    """What makes the operation itself: rule is `id` (the source's own ids) or `content` (occurrence: the n-th equal
    record of its file). columns: the fields that count. proved: the id was computed again from the kept record."""

    rule: str
    columns: tuple[str, ...]
    occurrence: int | None
    proved: bool


class Version(msgspec.Struct, frozen=True):
    """An earlier version of the operation: what it said, and which record took its place, and why."""

    generation: int
    superseded_generation: int
    reason: str
    by_file_id: str
    by_record_no: int | None
    by_operation_id: str | None
    fields: dict[str, str | None]


class Trace(msgspec.Struct, frozen=True):
    """One row from what is published down to the raw text, all of one generation.

    status: published, superseded, or removed (published, of a month that left Postgres by retention; `removed` says
    when, and how it comes back). problems: what could not be shown, and why; none when all is as it should be.
    """

    table: str
    id: str
    status: str
    generation: int
    fields: tuple[FieldTrace, ...]
    identity: IdentityTrace | None
    contract: ContractTrace | None
    file: FileTrace | None
    record: RecordTrace | None
    corrections: tuple[dict[str, Any], ...] = ()
    quarantine: tuple[dict[str, Any], ...] = ()
    versions: tuple[Version, ...] = ()
    problems: tuple[str, ...] = ()
    removed: str | None = None
