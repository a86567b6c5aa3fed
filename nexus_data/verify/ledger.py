"""The ledger's lines beside what was recomputed, and landings that were not read beside what they repeat."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import duckdb

from nexus_data.verify import contracts, operations, reading
from nexus_data.verify.containers import members
from nexus_data.verify.full_exports import logical_name
from nexus_data.verify.history import FileKey, History, Landing, Line, Row
from nexus_data.verify.identity import SEPARATOR, fingerprint
from nexus_data.verify.keptfiles import place
from nexus_data.verify.raw import Outcomes
from nexus_data.verify.report import Findings
from nexus_data.verify.spill import Sum
from nexus_data.verify.text import lines as text_lines

Lines = dict[tuple[int, str, str], dict[str, Sum]]
"""What became of records, by outcome, for each landing, hop and partition."""

_NOTHING = Sum()


def check(
    history: History, outcomes: Outcomes, engine: duckdb.DuckDBPyConnection | None, home: Path, findings: Findings
) -> None:
    """Compare all lines (without an engine, those of the hops before de-duplication and of keyed tables)."""
    with findings.check("ledger", "lines") as counted:
        expected = _expected(history, outcomes, engine)
        landings = {(one.generation, one.file_no): one for one in history.landings}
        for place_, line in history.lines.items():
            landing = landings.get(place_[:2])
            if landing is None or landing.key in outcomes.unverified or landing.kind not in ("new", "replay"):
                continue
            known = landing.seq in outcomes.recomputed
            if not known or (engine is None and place_[2] in ("deduplicate", "publish") and place_[3]):
                continue
            counted["lines"] += 1
            became = expected.pop((landing.seq, place_[2], place_[3]), {})
            _compare_line(landing, place_, line, became, findings)
        for (seq, hop, partition), became in expected.items():
            if any(sum_.records for sum_ in became.values()):
                landing = history.landings[seq]
                findings.add("ledger_line_missing", **_where(landing, hop, partition), expected=_told(became))
        counted["landings"] += _unread(history, outcomes, home, findings)
        counted["lines"] += _taken_back(history, outcomes, engine, findings)


def _expected(history: History, outcomes: Outcomes, engine: duckdb.DuckDBPyConnection | None) -> Lines:
    lines: Lines = defaultdict(dict)
    for seq, result in outcomes.recomputed.items():
        if history.landings[seq].kind == "replay":
            continue
        lines[seq, "read", ""] = dict(result.read)
        lines[seq, "standardize", ""] = dict(result.standardized)
    for seq, decisions in outcomes.keyed.items():
        became = lines[seq, "deduplicate", ""]
        for decision in decisions:
            one = Sum(1, decision.record.row_fp)
            became[decision.outcome] = became.get(decision.outcome, _NOTHING).plus(one)
    if engine is not None:
        for seq, month, outcome, records, fp in operations.lines(engine):
            if history.landings[seq].key not in outcomes.unverified:
                lines[seq, "deduplicate", month][outcome] = Sum(records, fp)
    for (seq, hop, partition), became in list(lines.items()):
        if hop == "deduplicate":
            lines[seq, "publish", partition] = {"passed": became.get("passed", _NOTHING)}
    return lines


def _compare_line(
    landing: Landing, place_: tuple[int, int, str, str], line: Line, became: Mapping[str, Sum], findings: Findings
) -> None:
    where = _where(landing, place_[2], place_[3])
    if landing.kind == "replay" and place_[2] in ("replay", "standardize"):
        return
    came = Sum(sum(one.records for one in became.values()), sum(one.fp for one in became.values()))
    # Of a replay's records, those that were rejected again by the same rules are where they were, and not told.
    sure = landing.kind == "new" or place_[2] == "publish"
    if sure and (line.records_in, line.fp_in) != came:
        found = f"{line.records_in} in, fingerprint {line.fp_in}"
        findings.add(
            "ledger_line", **where, column="in", expected=f"{came.records} in, fingerprint {came.fp}", found=found
        )
    for outcome, count in line.records.items():
        ours = became.get(outcome, _NOTHING)
        if not sure and outcome == "rejected":
            continue
        if (count, line.fps[outcome]) != ours:
            found = f"{count} {outcome}, fingerprint {line.fps[outcome]}"
            expected = f"{ours.records} {outcome}, fingerprint {ours.fp}"
            findings.add("ledger_line", **where, column=outcome, expected=expected, found=found)


def _where(landing: Landing, hop: str, partition: str) -> dict[str, object]:
    return {
        "file": landing.name,
        "generation": landing.generation,
        "file_no": landing.file_no,
        "hop": hop,
        "partition": partition or None,
    }


def _told(became: Mapping[str, Sum]) -> str:
    return ", ".join(f"{sum_.records} {outcome}" for outcome, sum_ in became.items())


def _unread(history: History, outcomes: Outcomes, home: Path, findings: Findings) -> int:
    """Files that were not read: a duplicate repeats a file that was read before it, a held one has its lines."""
    first: dict[FileKey, Line] = {}
    seen = 0
    for landing in sorted(history.landings, key=lambda one: (one.generation, one.file_no)):
        if landing.kind == "replay":
            continue
        line = history.lines[landing.generation, landing.file_no, "read", ""]
        if landing.kind == "new":
            first.setdefault(landing.key, line)
            continue
        seen += 1
        if landing.kind == "held":
            if landing.key not in outcomes.unverified and (row := history.as_held(landing)) is not None:
                _check_held(landing, row, line, home, findings)
            continue
        before = first.get(landing.key)
        if before is None:
            findings.add("duplicate_of_nothing", **_where(landing, "read", ""))
        elif (line.records_in, line.fp_in) != (before.records_in, before.fp_in):
            expected = f"{before.records_in} records, fingerprint {before.fp_in}"
            found = f"{line.records_in} records, fingerprint {line.fp_in}"
            findings.add("ledger_line", **_where(landing, "read", ""), column="in", expected=expected, found=found)
    return seen


def _check_held(landing: Landing, row: Row, line: Line, home: Path, findings: Findings) -> None:
    path = place(home, row["sha256"])
    found = Sum(line.records_in, line.fp_in)
    # A version of a full export that lacks too much was read before it was held; else nobody knows of records.
    counts = [Sum(count) for count in sorted(_counts_of_held(path))]
    expected = [_of_version(path, row, home)] if line.fp_in or not line.records_in else counts
    if found not in expected:
        told = [f"{one.records}, fingerprint {one.fp}" if one.fp else str(one.records) for one in (*expected, found)]
        where = _where(landing, "read", "")
        findings.add("ledger_line", **where, column="held", expected=" or ".join(told[:-1]), found=told[-1])


def _of_version(path: Path, row: Row, home: Path) -> Sum:
    """The records of a held version; nothing where it is none, or cannot be read."""
    dataset, version = str(row["dataset"]), str(row["contract_version"])
    contract = contracts.find(home, source=row["source"], dataset=dataset, version=version)
    if contract is None or logical_name(contract.body, row["name"]) is None:
        return _NOTHING
    try:
        raws = reading.opened(path, contract, landed_as=row["landed_as"] or row["name"]).records
        found = _NOTHING
        for raw in raws:
            found = found.plus(Sum(1, fingerprint(raw.text if raw.fields is None else SEPARATOR.join(raw.fields))))
    except (OSError, EOFError, ValueError, KeyError):
        return _NOTHING
    return found


def _counts_of_held(path: Path) -> set[int]:
    """What a held file may count as: its lines that are not blank; one where it is no text, or could not be read."""
    try:
        return {1, sum(1 for member in members(path) for line in text_lines(member.stream, "utf-8") if line.strip())}
    except (OSError, EOFError, ValueError):
        return {1}


def _taken_back(
    history: History, outcomes: Outcomes, engine: duckdb.DuckDBPyConnection | None, findings: Findings
) -> int:
    """Published rows that a later run replaced or took back."""
    expected: dict[_Taken, Sum] = defaultdict(Sum)
    for taken in outcomes.tables.taken:
        landing = taken.record.landing
        if landing is not None and landing.key not in outcomes.unverified:
            key = (taken.generation, landing.key[1], landing.table, landing.key[0], "")
            expected[key] = expected[key].plus(Sum(1, taken.record.row_fp))
    for generation, seq, month, records, fp in operations.taken_back(engine) if engine else ():
        landing = history.landings[seq]
        key = (generation, landing.key[1], landing.table, landing.key[0], month)
        expected[key] = expected[key].plus(Sum(records, int(fp)))
    bad = {key[0] for key in outcomes.without_rows}
    rows = [row for row in history.rows if row["hop"] == "supersede" and row["file_id"].bytes not in bad]
    for row in rows:
        if engine is None and row["partition"]:
            continue
        key = (row["generation"], row["source"], row["table_name"], row["file_id"].bytes, row["partition"])
        ours, theirs = expected.pop(key, _NOTHING), Sum(row["records_in"], int(row["fp_in"]))
        if ours != theirs:
            told = [f"{one.records} superseded, fingerprint {one.fp}" for one in (ours, theirs)]
            findings.add("ledger_line", **_taken_where(key), column="in", expected=told[0], found=told[1])
    for key, ours in expected.items():
        findings.add("ledger_line_missing", **_taken_where(key), expected=f"{ours.records} superseded")
    return len(rows)


_Taken = tuple[int, str, str, bytes, str]
"""generation, source, table, file_id, partition."""


def _taken_where(key: _Taken) -> dict[str, object]:
    return {
        "generation": key[0],
        "hop": "supersede",
        "source": key[1],
        "table": key[2],
        "file": key[3],
        "partition": key[4] or None,
    }
