"""Records that a replay took out of quarantine, by a changed contract or a correction: which they are, and whether each
went where it should."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg
from psycopg.rows import dict_row

from nexus_data.sql import query
from nexus_data.verify.history import FileKey, History, file_key
from nexus_data.verify.recompute import Task
from nexus_data.verify.report import Findings

if TYPE_CHECKING:
    from nexus_data.verify.raw import Outcomes

_RESOLUTION = {"passed": "published", "duplicate": "duplicate", "superseded": "superseded"}


@dataclass(slots=True)
class Replay:
    """What one run took out of quarantine of one file. prints: fingerprints by record. resolutions: where each went."""

    version: str
    prints: dict[int, int] = field(default_factory=dict)
    resolutions: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Replays:
    """by generation and file; corrections by file, in the order of their generations."""

    taken: Mapping[tuple[int, FileKey], Replay]
    corrections: Mapping[FileKey, list[tuple[int, int, str, str]]]

    def corrected(self, key: FileKey, generation: int) -> dict[int, dict[str, str]]:
        """The texts in force at a generation, by record and raw column."""
        found: defaultdict[int, dict[str, str]] = defaultdict(dict)
        for since, record_no, name, text in self.corrections.get(key, ()):
            if since <= generation:
                found[record_no][name] = text
        return dict(found)


def read(database: psycopg.Connection[Any]) -> Replays:
    """All of them, from the caller's snapshot."""
    taken: dict[tuple[int, FileKey], Replay] = {}
    corrections: defaultdict[FileKey, list[tuple[int, int, str, str]]] = defaultdict(list)
    with database.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(query("verify/replayed")):
            place = (row["resolved_generation"], file_key(row))
            replay = taken.setdefault(place, Replay(str(row["resolved_contract_version"])))
            replay.prints[row["record_no"]] = row["row_fp"]
            replay.resolutions[row["record_no"]] = row["resolution"]
        for row in cursor.execute(query("verify/corrections")):
            corrections[file_key(row)].append((row["generation"], row["record_no"], row["field"], row["new_text"]))
    return Replays(taken, corrections)


def check(
    history: History, outcomes: "Outcomes", replays: Replays, engine: duckdb.DuckDBPyConnection, findings: Findings
) -> None:
    """Each record that left quarantine went where the verifier sees it go."""
    if not replays.taken:
        return
    with findings.check("replays", "records") as counted:
        for landing in history.landings:
            replay = replays.taken.get((landing.generation, landing.key))
            task = outcomes.tasks.get(landing.seq)
            if landing.kind != "replay" or replay is None or task is None or landing.seq not in outcomes.recomputed:
                continue
            ours = _fates(task, outcomes, engine)
            counted["records"] += len(replay.resolutions)
            for record_no, resolution in replay.resolutions.items():
                if ours.get(record_no) != resolution:
                    findings.add(
                        "resolution",
                        file=landing.name,
                        record=record_no,
                        generation=landing.generation,
                        expected=ours.get(record_no),
                        found=resolution,
                    )


def _fates(task: Task, outcomes: "Outcomes", engine: duckdb.DuckDBPyConnection) -> dict[int, str]:
    fates = dict(outcomes.recomputed[task.seq].fates)
    statement = "SELECT record_no, outcome FROM decisions WHERE seq = ?"
    decided = engine.execute(statement, [task.seq]).fetchall()
    decided += [(one.record.record_no, one.outcome) for one in outcomes.keyed.get(task.seq, ())]
    return fates | {record_no: _RESOLUTION.get(outcome, outcome) for record_no, outcome in decided}
