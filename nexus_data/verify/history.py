"""What came in, in the order in which it came: the landings of every generation, as ledger and files tell of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import psycopg
from psycopg.rows import dict_row

from nexus_data.sql import query
from nexus_data.tables import CANONICAL
from nexus_data.tables.ledger import OUTCOMES
from nexus_data.verify.report import Findings

Row = Mapping[str, Any]
FileKey = tuple[bytes, str, str]
"""file_id, source, owner: what makes a file the same file."""

LineKey = tuple[int, int, str, str]
"""generation, file_no, hop, partition: what a line of the ledger is about."""

_TABLES = list(CANONICAL)


@dataclass(frozen=True, slots=True)
class Landing:
    """One file of one run. file: its row of the table files (None: there is none). seq: its place in all of history.

    kind: new (its records were read), duplicate (the very file was in already), held, or replay (some of its records
    left quarantine).
    """

    seq: int
    generation: int
    run_id: str
    file_no: int
    key: FileKey
    table: str
    kind: Literal["new", "duplicate", "held", "replay"]
    file: Row | None

    @property
    def name(self) -> str:
        """What people call the file."""
        return str(self.file["name"]) if self.file else self.key[0].hex()


@dataclass(frozen=True, slots=True)
class Line:
    """Counts and sums of fingerprints of a hop: what came in, and what became of it."""

    records_in: int
    fp_in: int
    records: Mapping[str, int]
    fps: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class History:
    """files: by key. lines: the ledger. landings: in order of arrival. generations: rows of that table, in order.
    released: what the table files said of files while they were held, by key. let_go: the last generation up to which
    cleanup let those go that nothing names."""

    files: Mapping[FileKey, Row]
    lines: Mapping[LineKey, Line]
    landings: tuple[Landing, ...]
    generations: tuple[Row, ...]
    rows: tuple[Row, ...] = field(repr=False)
    released: Mapping[FileKey, Sequence[Row]] = field(default_factory=dict, repr=False)
    let_go: int = 0

    def as_held(self, landing: "Landing") -> Row | None:
        """The row of a held file as it was then."""
        for row in self.released.get(landing.key, ()):
            if row["generation"] <= landing.generation < row["released_generation"]:
                return row
        return landing.file

    @property
    def current(self) -> Row | None:
        """The newest generation."""
        return self.generations[-1] if self.generations else None


def read(database: psycopg.Connection[Any]) -> History:
    """All of it, from the caller's snapshot."""
    files = {file_key(row): row for row in _rows(database, "ledger/files_rows")}
    ledger = _rows(database, "ledger/ledger_rows")
    lines = {(row["generation"], row["file_no"], row["hop"], row["partition"]): _line(row) for row in ledger}
    generations = sorted(_rows(database, "verify/generations"), key=lambda row: int(row["generation"]))
    released: defaultdict[FileKey, list[Row]] = defaultdict(list)
    for row in _rows(database, "verify/released"):
        released[file_key(row)].append(row)
    return History(
        files, lines, tuple(_landings(ledger, files)), tuple(generations), tuple(ledger), released, _let_go(database)
    )


def _let_go(database: psycopg.Connection[Any]) -> int:
    if database.execute("SELECT to_regclass('public.cleanups') IS NULL").fetchone() == (True,):
        return 0  # of an earlier release
    row = database.execute(query("verify/generations_let_go")).fetchone()
    return int(row[0]) if row else 0


def file_key(row: Row) -> FileKey:
    """The key of a row that names a file."""
    return row["file_id"].bytes, row["source"], row["user_id"]


def check_generations(history: History, findings: Findings) -> None:
    """Generations count from 1 without a gap, and every landing belongs to one that is there, made by the same run.

    Those that cleanup let go leave gaps, and none of these is named by a landing.
    """
    with findings.check("generations", "generations") as counted:
        there = {row["generation"]: row["run_id"] for row in history.generations}
        counted["generations"] = len(there)
        gaps = set(range(1, max(there, default=0) + 1)) - set(there)
        if gone := {number for number in gaps if number <= history.let_go}:
            findings.unchecked.append(f"{len(gone)} generations that nothing names: removed by retention")
        for number in gaps - gone:
            findings.add("generation_missing", generation=number)
        for generation, run_id in sorted({(row["generation"], row["run_id"]) for row in history.rows}):
            if generation not in there:
                findings.add("generation_missing", generation=generation, run=run_id)
            elif there[generation] != run_id:
                findings.add(
                    "generation_of_another_run", generation=generation, expected=run_id, found=there[generation]
                )


def check_lines(history: History, findings: Findings) -> None:
    """Each line of the ledger accounts for what came in, in count and in fingerprint."""
    for (generation, file_no, hop, partition), line in history.lines.items():
        out, fp_out = sum(line.records.values()), sum(line.fps.values())
        if (out, fp_out) != (line.records_in, line.fp_in):
            findings.add(
                "ledger_line_unbalanced",
                generation=generation,
                file_no=file_no,
                hop=hop,
                partition=partition or None,
                expected=f"{line.records_in} records, fingerprint {line.fp_in}",
                found=f"{out} records, fingerprint {fp_out}",
            )


def _landings(ledger: Sequence[Row], files: Mapping[FileKey, Row]) -> Iterator[Landing]:
    first = [row for row in ledger if row["hop"] in ("read", "replay")]
    ordered = sorted(first, key=lambda row: (row["generation"], _place(row["table_name"]), row["file_no"]))
    seen: set[tuple[int, FileKey]] = set()
    for seq, row in enumerate(ordered):
        key = file_key(row)
        first_now = (row["generation"], key) not in seen
        seen.add((row["generation"], key))
        yield Landing(
            seq=seq,
            generation=row["generation"],
            run_id=row["run_id"],
            file_no=row["file_no"],
            key=key,
            table=row["table_name"],
            kind=_kind(row, files.get(key), first_now=first_now),
            file=files.get(key),
        )


def _kind(row: Row, file: Row | None, *, first_now: bool) -> Literal["new", "duplicate", "held", "replay"]:
    if row["hop"] == "replay":
        return "replay"
    if row["records_in"] or file is None:
        return "held" if row["held"] else "duplicate" if row["duplicate"] else "new"
    # No record says what became of a file without any.
    if file["status"] == "held" or row["generation"] < file["generation"]:
        return "held"
    return "new" if first_now and row["generation"] == file["generation"] else "duplicate"


def _place(table: str) -> int:
    """Tables are taken in the order in which they depend on each other."""
    return _TABLES.index(table) if table in _TABLES else len(_TABLES)


def _line(row: Row) -> Line:
    return Line(
        records_in=row["records_in"],
        fp_in=int(row["fp_in"]),
        records={name: row[name] for name in OUTCOMES},
        fps={name: int(row[f"fp_{name}"]) for name in OUTCOMES},
    )


def _rows(database: psycopg.Connection[Any], name: str) -> list[dict[str, Any]]:
    with database.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query(name)).fetchall()
