"""Rows of a store beside the rows that should be there: sums of hashes by month first, then, where these differ, row by
row and cell by cell."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from nexus_data.verify.report import MOST_OF_A_KIND, Findings


@dataclass(frozen=True, slots=True)
class Side:
    """A relation of normalised columns: `partition`, the key, and all else that is compared."""

    relation: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is compared. store: `lake` or `postgres`. files: names by file_id, for people."""

    table: str
    store: str
    key: tuple[str, ...]
    files: Mapping[bytes, str]


def compare(
    engine: duckdb.DuckDBPyConnection, expected: Side, found: Side, *, subject: Subject, findings: Findings
) -> int:
    """Name what differs; rows of the store looked at."""
    ours, theirs = _sums(engine, expected), _sums(engine, found)
    for partition in sorted(set(ours) | set(theirs)):
        if ours.get(partition) != theirs.get(partition):
            _drill(engine, expected, found, partition, subject, findings)
    return sum(rows for rows, _ in theirs.values())


def _sums(engine: duckdb.DuckDBPyConnection, side: Side) -> dict[str, tuple[int, int]]:
    hashed = ", ".join(f'"{name}"' for name in side.columns)
    rows = engine.execute(
        f'SELECT "partition", count(*), sum(CAST(hash({hashed}) AS HUGEINT)) FROM {side.relation} GROUP BY 1'  # noqa: S608
    ).fetchall()
    return {partition: (count, int(total)) for partition, count, total in rows}


def _drill(
    engine: duckdb.DuckDBPyConnection, expected: Side, found: Side, partition: str, subject: Subject, findings: Findings
) -> None:
    for name, side in (("ours", expected), ("theirs", found)):
        engine.execute(
            f'CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM {side.relation} WHERE "partition" = ?',  # noqa: S608
            [partition],
        )
    key = ", ".join(f'"{name}"' for name in subject.key)
    kind = f"{subject.store}_row"
    _rows(engine, f"{kind}_missing", f"ours ANTI JOIN theirs USING ({key})", expected, subject, findings)
    _rows(engine, f"{kind}_unexpected", f"theirs ANTI JOIN ours USING ({key})", expected, subject, findings)
    twice = f"(SELECT any_value(COLUMNS(*)) FROM theirs GROUP BY {key} HAVING count(*) > 1)"  # noqa: S608 - declared names
    _rows(engine, f"{kind}_twice", twice, expected, subject, findings)
    _cells(engine, expected, subject, findings)
    engine.execute("DROP TABLE ours")
    engine.execute("DROP TABLE theirs")


def _rows(
    engine: duckdb.DuckDBPyConnection, kind: str, relation: str, side: Side, subject: Subject, findings: Findings
) -> None:
    columns = ("partition", *side.columns)
    listed = ", ".join(f'"{name}"' for name in columns)
    total = engine.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0]  # noqa: S608
    rows = engine.execute(
        f"SELECT {listed} FROM {relation} ORDER BY {_order(subject)} LIMIT {MOST_OF_A_KIND}"  # noqa: S608 - declared names
    ).fetchall()
    for row in rows:
        findings.add(kind, **_place(dict(zip(columns, row, strict=True)), subject))
    findings.more(kind, total - len(rows)) if total > len(rows) else None


def _order(subject: Subject) -> str:
    return ", ".join(f'"{name}"' for name in subject.key)


def _cells(engine: duckdb.DuckDBPyConnection, side: Side, subject: Subject, findings: Findings) -> None:
    """The columns in which rows of one key differ."""
    rest = [name for name in side.columns if name not in subject.key]
    same = " AND ".join(f'ours."{name}" = theirs."{name}"' for name in subject.key)
    differ = " OR ".join(f'ours."{name}" IS DISTINCT FROM theirs."{name}"' for name in rest)
    both = ", ".join(f'ours."{name}", theirs."{name}"' for name in rest)
    keys = ", ".join(f'ours."{name}"' for name in subject.key)
    source = f"FROM ours JOIN theirs ON {same} WHERE {differ}"
    total = engine.execute(f"SELECT count(*) {source}").fetchall()[0][0]
    rows = engine.execute(f'SELECT ours."partition", {keys}, {both} {source} LIMIT {MOST_OF_A_KIND}').fetchall()
    for row in rows:
        first = 1 + len(subject.key)
        values = dict(zip(("partition", *subject.key, *rest), (*row[:first], *row[first::2]), strict=True))
        pairs = zip(rest, row[first::2], row[first + 1 :: 2], strict=True)
        for column, ours, theirs in pairs:
            if ours != theirs:
                place = _place(values, subject)
                findings.add(f"{subject.store}_cell", **place, column=column, expected=ours, found=theirs)
    if total > len(rows):
        findings.more(f"{subject.store}_cell", total - len(rows))


def _place(row: Mapping[str, Any], subject: Subject) -> dict[str, Any]:
    place: dict[str, Any] = {"table": subject.table}
    if row["partition"]:
        place["partition"] = row["partition"]
    for name in subject.key:
        value = row[name]
        place["operation" if name == "operation_id" else name] = _uuid(value) if isinstance(value, bytes) else value
    file_id = row.get("file_id")
    if isinstance(file_id, bytes):
        place["file"] = subject.files.get(file_id, file_id.hex())
    if row.get("record_no") is not None:
        place["record"] = row["record_no"]
    return place


def _uuid(value: bytes) -> str:
    text = value.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:])) if len(text) == 32 else text


def listed(names: Iterable[str]) -> str:
    """Column names as SQL."""
    return ", ".join(f'"{name}"' for name in names)
