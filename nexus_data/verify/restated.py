"""Versions of keyed rows that later ones replaced, or that vanished: whether the history keeps just those, each by its
record and with the values that it had."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg

from nexus_data.sql import query
from nexus_data.tables import CANONICAL
from nexus_data.tables.model import Kind, Table
from nexus_data.verify.fields import Value
from nexus_data.verify.history import History
from nexus_data.verify.keyed import Record
from nexus_data.verify.meanings import meaning
from nexus_data.verify.raw import Outcomes
from nexus_data.verify.report import Findings
from nexus_data.verify.spill import given_columns

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_KEPT = {"password_hash"}
_Version = tuple[int, str, str, bytes, int, int, str]
"""superseded_generation, table, key, file_id, record_no, row_fp, reason."""


def check(database: psycopg.Connection[Any], history: History, outcomes: Outcomes, findings: Findings) -> None:
    """Compare the table superseded_rows with what each run should have replaced."""
    bad = {key[0] for key in outcomes.unverified}
    names = {key[0]: str(row["name"]) for key, row in history.files.items()}
    with findings.check("postgres superseded_rows", "rows") as counted:
        missing = dict(_expected(outcomes))
        for row in database.execute(query("verify/superseded_rows")):
            generation, table, key, file_id, record_no, row_fp, reason, values = row
            counted["rows"] += 1
            version = (generation, table, key, file_id.bytes, record_no, row_fp, reason)
            if version[3] in bad:
                continue
            record = missing.pop(version, None)
            if record is None:
                findings.add("superseded_row_unexpected", **_place(version, names))
                continue
            for column, ours, theirs in _cells(CANONICAL[table], record, values):
                findings.add(
                    "superseded_row_cell", **_place(version, names), column=column, expected=ours, found=theirs
                )
        for version in sorted(missing):
            if version[3] not in bad:
                findings.add("superseded_row_missing", **_place(version, names))


def _place(version: _Version, names: Mapping[bytes, str]) -> dict[str, object]:
    generation, table, key, file_id, record_no, _, reason = version
    return {
        "table": table,
        "key": key.replace("\x1f", " "),
        "generation": generation,
        "reason": reason,
        "file": names.get(file_id, file_id.hex()),
        "record": record_no,
    }


def _expected(outcomes: Outcomes) -> Iterator[tuple[_Version, Record]]:
    for taken in outcomes.tables.taken:
        record = taken.record
        if record.landing is not None:
            table = CANONICAL[record.landing.table]
            key = "\x1f".join(str(record.values[name]) for name in table.key)
            place = (record.landing.key[0], record.record_no, record.row_fp)
            yield (taken.generation, table.name, key, *place, taken.reason), record


def _cells(table: Table, record: Record, row: object) -> Iterator[tuple[str, object, object]]:
    """Columns whose text in the history is another value than the record's."""
    values: Mapping[str, object] = row if isinstance(row, dict) else {}
    for name in given_columns(table):
        ours, theirs = record.values[name], values.get(name)
        if name not in _NOT_KEPT and not _same(table.field(name).kind, ours, theirs):
            yield name, ours, theirs


def _same(kind: Kind, ours: Value, theirs: object) -> bool:
    if ours is None or not isinstance(theirs, str):
        return ours is theirs
    try:
        if kind in (Kind.MONEY, Kind.PRICE):
            return Decimal(str(ours)) == Decimal(theirs)
        if kind is Kind.TIMESTAMP:
            return (datetime.fromisoformat(theirs) - _EPOCH) // timedelta(microseconds=1) == ours
        return meaning(str(ours)) == meaning(theirs) if kind is Kind.JSON else str(ours) == theirs
    except (ValueError, TypeError, ArithmeticError):
        return False
