"""Quarantine beside the records that should be in it, with their rules and their raw text."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from nexus_data.sql import query
from nexus_data.tables import EVIDENCE
from nexus_data.verify import reading, stores
from nexus_data.verify.compare import Side, Subject, compare
from nexus_data.verify.engine import parquet_view
from nexus_data.verify.history import History, Landing
from nexus_data.verify.raw import Outcomes
from nexus_data.verify.report import Findings
from nexus_data.verify.spill import REJECTED, Writer, rejected_path

_TABLE = EVIDENCE["quarantine"]
_KEY = ("file_id", "source", "user_id", "record_no", "generation")
_COMPARED = (*_KEY, "table_name", "hop", "rules", "line", "raw", "row_fp", "contract_version")


def check(
    database: psycopg.Connection[Any],
    engine: duckdb.DuckDBPyConnection,
    history: History,
    outcomes: Outcomes,
    folder: Path,
    findings: Findings,
) -> None:
    """Compare every rejected record."""
    with findings.check("quarantine", "records") as counted:
        late = _write_late(engine, history, outcomes, folder)
        paths = [rejected_path(folder, seq) for seq in outcomes.recomputed]
        parquet_view(engine, "rejected", [*paths, late], REJECTED)
        _put_facts(engine, history, outcomes)
        engine.execute(f"CREATE OR REPLACE VIEW expected_quarantine AS {query('verify/quarantine')}")
        unverified = sorted({key[0] for key in outcomes.unverified})
        names = {key[0]: str(row["name"]) for key, row in history.files.items()}
        subject = Subject("quarantine", "quarantine", _KEY, names)
        with stores.postgres_side(engine, database, _TABLE, folder, unverified=unverified) as found:
            expected = _without_let_go(engine, database, findings)
            ours, theirs = Side(expected, _COMPARED), Side(found.relation, _COMPARED)
            counted["records"] = compare(engine, ours, theirs, subject=subject, findings=findings)


def _without_let_go(engine: duckdb.DuckDBPyConnection, database: psycopg.Connection[Any], findings: Findings) -> str:
    """The view of what should be there, without the texts that cleanup wrote down as let go. Says how many they are."""
    gone = database.execute(query("verify/quarantine_let_go")).fetchall()
    if not gone:
        return "expected_quarantine"
    engine.execute(
        "CREATE OR REPLACE TABLE let_go "
        "(file_id BLOB, source VARCHAR, user_id VARCHAR, record_no BIGINT, generation BIGINT)"
    )
    engine.executemany("INSERT INTO let_go VALUES (?, ?, ?, ?, ?)", [(one[0].bytes, *one[1:]) for one in gone])
    engine.execute(f"CREATE OR REPLACE VIEW expected_kept AS {query('verify/quarantine_kept')}")
    findings.unchecked.append(
        f"raw texts of {len(gone)} records that left quarantine: cleanup let these copies go; the kept files have them"
    )
    return "expected_kept"


def _put_facts(engine: duckdb.DuckDBPyConnection, history: History, outcomes: Outcomes) -> None:
    engine.execute("CREATE OR REPLACE TABLE judged_by (seq BIGINT, table_name VARCHAR, contract_version VARCHAR)")
    rows = [(seq, history.landings[seq].table, task.contract.version) for seq, task in outcomes.tasks.items()]
    if rows:
        engine.executemany("INSERT INTO judged_by VALUES (?, ?, ?)", rows)


def _write_late(engine: duckdb.DuckDBPyConnection, history: History, outcomes: Outcomes, folder: Path) -> Path:
    """What de-duplication rejects, with its raw text, which is looked up in the kept file once more."""
    path = folder / "rejected-late.parquet"
    with Writer(path, REJECTED) as writer:
        for seq, rejected in _late(engine, outcomes).items():
            landing = history.landings[seq]
            for number, raw in _located(landing, outcomes, set(rejected)):
                reasons, fp = rejected[number]
                writer.add((seq, number, "deduplicate", reasons, raw.line, raw.text, fp))
    return path


def _late(engine: duckdb.DuckDBPyConnection, outcomes: Outcomes) -> dict[int, dict[int, tuple[str, int]]]:
    found: dict[int, dict[int, tuple[str, int]]] = {}
    for seq, number, reasons, fp in engine.execute(query("verify/late_rejections")).fetchall():
        if seq in outcomes.recomputed:
            found.setdefault(seq, {})[number] = (reasons, fp)
    for seq, decisions in outcomes.keyed.items():
        for one in decisions:
            if one.outcome == "rejected":
                found.setdefault(seq, {})[one.record.record_no] = (one.reasons or "", one.record.row_fp)
    return found


def _located(landing: Landing, outcomes: Outcomes, numbers: set[int]) -> Iterator[tuple[int, Any]]:
    task = outcomes.tasks[landing.seq]
    opened = reading.opened(task.path, task.contract, landed_as=task.landed_as)
    for number, raw in enumerate(opened.records, start=1):
        if number in numbers:
            yield number, raw
