"""Versions of keyed rows that later ones replaced: whether the history keeps just those, each by its record."""

from typing import Any

import psycopg

from nexus_data.sql import query
from nexus_data.tables import CANONICAL
from nexus_data.verify.history import History
from nexus_data.verify.raw import Outcomes
from nexus_data.verify.report import Findings

_Version = tuple[int, str, str, bytes, int, int, str]
"""superseded_generation, table, key, file_id, record_no, row_fp, reason."""


def check(database: psycopg.Connection[Any], history: History, outcomes: Outcomes, findings: Findings) -> None:
    """Compare the table superseded_rows with what each run should have replaced."""
    bad = {key[0] for key in outcomes.unverified}
    names = {key[0]: str(row["name"]) for key, row in history.files.items()}
    with findings.check("postgres superseded_rows", "rows") as counted:
        expected = _expected(outcomes)
        there = set[_Version]()
        for row in database.execute(query("verify_superseded_rows")):
            generation, table, key, file_id, record_no, row_fp, reason = row
            there.add((generation, table, key, file_id.bytes, record_no, row_fp, reason))
        counted["rows"] = len(there)
        for kind, versions in (("missing", expected - there), ("unexpected", there - expected)):
            for generation, table, key, file_id, record_no, _, reason in sorted(versions):
                if file_id not in bad:
                    place = {
                        "table": table,
                        "key": key.replace("\x1f", " "),
                        "generation": generation,
                        "reason": reason,
                    }
                    file = names.get(file_id, file_id.hex())
                    findings.add(f"superseded_row_{kind}", **place, file=file, record=record_no)


def _expected(outcomes: Outcomes) -> set[_Version]:
    found = set[_Version]()
    for taken in outcomes.tables.taken:
        record = taken.record
        if record.landing is not None:
            table = CANONICAL[record.landing.table]
            key = "\x1f".join(str(record.values[name]) for name in table.key)
            place = (record.landing.key[0], record.record_no, record.row_fp)
            found.add((taken.generation, table.name, key, *place, taken.reason))
    return found
