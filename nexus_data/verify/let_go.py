"""Kept files whose bytes cleanup removed: their published rows in the lake stand for their records.

What of such a file is in no store any more (what was rejected, skipped, a duplicate) cannot be counted again. Of what
is, ids and fingerprints follow from the values again, and their sums must be those of the ledger; so what later files
repeat or correct of it is decided as if the file were there.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import psycopg

from nexus_data.sql import query
from nexus_data.tables.history import SUPERSEDED_OPERATIONS
from nexus_data.tables.model import Kind
from nexus_data.tables.trading_operations import TRADING_OPERATIONS
from nexus_data.verify import engine as engines
from nexus_data.verify import keptfiles
from nexus_data.verify.contracts import Contract, find
from nexus_data.verify.engine import literal
from nexus_data.verify.fields import Value
from nexus_data.verify.history import FileKey, History, Landing
from nexus_data.verify.identity import nth_identity
from nexus_data.verify.numbers import canonical
from nexus_data.verify.recompute import Recomputed
from nexus_data.verify.replays import Replays
from nexus_data.verify.report import Findings
from nexus_data.verify.spill import Sum, Writer, accepted_path, accepted_schema, given_columns
from nexus_data.verify.standardize import Facts, Standardizer
from nexus_data.verify.stores import lake_files

_NAMES = tuple(given_columns(TRADING_OPERATIONS))
_KINDS = {name: TRADING_OPERATIONS.field(name).kind for name in _NAMES}
_KNOWN = ("file_id", "source", "generation", "record_no", "operation_id", "row_fp", "content_fp", "published")
_ROWS = 20_000
_BEFORE_ALL = -(10**15)
"""Numbers of records that are not there: all below 1, and each larger than the one before."""


@dataclass(frozen=True, slots=True)
class LetGo:
    """days: when the bytes of which files went. standing: by landing, what their rows in the lake say of them."""

    days: Mapping[FileKey, date] = field(default_factory=dict)
    standing: Mapping[int, Recomputed] = field(default_factory=dict)

    @property
    def keys(self) -> frozenset[FileKey]:
        """The files."""
        return frozenset(self.days)


def days(database: psycopg.Connection[Any], history: History, home: Path) -> dict[FileKey, date]:
    """The files whose bytes are not there, and when cleanup wrote down that it removes them."""
    if database.execute("SELECT to_regclass('public.cleanups') IS NULL").fetchone() == (True,):
        return {}  # of an earlier release
    rows = database.execute(query("ledger/raw_files_let_go"), {"sha256": None}).fetchall()
    noted = {sha256: day for sha256, day, _ in rows if not keptfiles.place(home, sha256).exists()}
    return {key: noted[row["sha256"]] for key, row in history.files.items() if row["sha256"] in noted}


def stand_in(
    history: History, gone: Mapping[FileKey, date], replays: Replays, *, home: Path, folder: Path, findings: Findings
) -> LetGo:
    """Write the accepted records of these files as the lake has them, and compare what they add up to."""
    if not gone:
        return LetGo()
    findings.unchecked.append(told(history, gone))
    with findings.check("files whose bytes were removed", "rows") as counted:
        stand = _Standing(history, gone, replays, home, folder, findings)
        for (file_id, source), rows in groupby(_rows(history, gone, home, folder), key=itemgetter(0, 1)):
            stand.take(file_id, source, rows)
        counted["rows"] = sum(one.records for one in stand.results.values())
        _check_sums(history, gone, stand.sums, findings)
    return LetGo(gone, stand.results)


def told(history: History, gone: Mapping[FileKey, date]) -> str:
    """How many records' bytes went when, for people; nothing where none did."""
    if not gone:
        return ""
    by_day: defaultdict[date, dict[str, int]] = defaultdict(dict)
    for key, day in gone.items():
        row = history.files[key]
        by_day[day][row["sha256"]] = row["records"]
    parts = [
        f"{sum(files.values())} records of {len(files)} kept file{'s' if len(files) > 1 else ''}: bytes removed by "
        f"retention on {day}"
        for day, files in sorted(by_day.items())
    ]
    return f"{'; '.join(parts)}; their rows in the lake were compared with the ledger's counts and fingerprints instead"


def _rows(history: History, gone: Mapping[FileKey, date], home: Path, folder: Path) -> Iterator[tuple[Any, ...]]:
    """_KNOWN, then _NAMES, of published and superseded versions: by file, in the order of the records."""
    versions = (history.current or {}).get("lake", {})
    parts = []
    for table, published in ((TRADING_OPERATIONS, "true"), (SUPERSEDED_OPERATIONS, "false")):
        version = versions.get(table.name)
        if version is not None and (files := lake_files(home, table.name, version)):
            parts.append(_part(files, gone, published))
    if not parts:
        return
    with engines.opened(folder, name="let-go") as engine:
        ordered = f"{' UNION ALL '.join(parts)} ORDER BY file_id, source, record_no, generation"
        cursor = engine.execute(ordered)
        while rows := cursor.fetchmany(_ROWS):
            yield from rows


def _part(files: Sequence[Path], gone: Iterable[FileKey], published: str) -> str:
    listed = ", ".join(literal(path) for path in files)
    ids = ", ".join(f"unhex('{file_id.hex()}')" for file_id in sorted({key[0] for key in gone}))
    given = ", ".join(f'epoch_us("{name}")' if _KINDS[name] is Kind.TIMESTAMP else f'"{name}"' for name in _NAMES)
    known = ", ".join(f'"{name}"' for name in _KNOWN[:-1])
    return (
        f"SELECT {known}, {published} AS published, {given} "  # noqa: S608 - declared names, own files
        f"FROM read_parquet([{listed}], hive_partitioning=false, union_by_name=true) WHERE file_id IN ({ids})"
    )


class _Standing:
    """What the rows of the lake say, file after file."""

    def __init__(
        self,
        history: History,
        gone: Mapping[FileKey, date],
        replays: Replays,
        home: Path,
        folder: Path,
        findings: Findings,
    ) -> None:
        self._history, self._replays, self._home = history, replays, home
        self._folder, self._findings = folder, findings
        self._landings: dict[tuple[bytes, str, int], Landing] = {}
        for one in history.landings:
            if one.key in gone and one.kind in ("new", "replay"):
                self._landings.setdefault((*one.key[:2], one.generation), one)
        self.results: dict[int, Recomputed] = {}
        self._before = _BEFORE_ALL
        self.sums: defaultdict[tuple[bytes, str, str], Sum] = defaultdict(Sum)

    def take(self, file_id: bytes, source: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """All rows of a file."""
        seen: Counter[bytes] = Counter()
        by_landing: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for row in rows:
            landing = self._landings.get((file_id, source, row[2]))
            if landing is None:
                self._findings.add("row_of_no_landing", file=file_id, record=row[3], generation=row[2])
            else:
                by_landing[landing.seq].append(row)
        for seq, found in sorted(by_landing.items()):
            self._take_landing(self._history.landings[seq], found, seen)

    def _take_landing(self, landing: Landing, rows: Sequence[tuple[Any, ...]], seen: Counter[bytes]) -> None:
        contract = self._contract(landing)
        if contract is None:
            self._findings.add("cannot_verify", file=landing.name, found="no copy of its contract is kept")
            return
        standardizer = Standardizer(contract, (), Facts(landing.key[1], None, landing.key[2], {}, {}))
        users: set[str] = set()
        milestones: set[str] = set()
        path = accepted_path(self._folder, TRADING_OPERATIONS.name, landing.seq)
        with Writer(path, accepted_schema(TRADING_OPERATIONS)) as writer:
            for row in rows:
                values = _values(row)
                users.add(str(values["user_id"]))
                milestones |= {str(values["milestone_id"])} - {"None"}
                for accepted in self._accepted(landing, row, values, standardizer, seen):
                    writer.add(accepted)
        self.results[landing.seq] = Recomputed(
            landing.seq, records=len(rows), users=frozenset(users), milestones=frozenset(milestones)
        )

    def _contract(self, landing: Landing) -> Contract | None:
        row = landing.file or {}
        replay = self._replays.taken.get((landing.generation, landing.key)) if landing.kind == "replay" else None
        version = replay.version if replay else row["contract_version"]
        return find(self._home, source=row["source"], dataset=row["dataset"], version=version)

    def _accepted(
        self,
        landing: Landing,
        row: Sequence[Any],
        values: Mapping[str, Value],
        standardizer: Standardizer,
        seen: Counter[bytes],
    ) -> Iterator[tuple[Any, ...]]:
        """The record that the row was; before it, where equal ones of its file were duplicates, as many of these."""
        file_id, source, _, number, operation_id, row_fp, content_fp, published = row[: len(_KNOWN)]
        made, month = standardizer.row(values), str(values["date"])[:7]
        identity = made.identity or b""
        if made.content_fp != content_fp:
            self._differs(landing, number, "content_fp", made.content_fp, content_fp)
        nth = _occurrence(identity, operation_id, first=seen[identity] + 1, most=number if made.by_content else 1)
        if nth is None:
            self._differs(landing, number, "operation_id", identity, operation_id)
        if published:
            self.sums[file_id, source, month] = self.sums[file_id, source, month].plus(Sum(1, row_fp))
        same = (made.content_fp, identity, made.by_content, month, None, None, None, *(values[name] for name in _NAMES))
        for _ in range(seen[identity] + 1, nth or 0):
            self._before += 1
            yield (landing.seq, self._before, 0, *same)
        seen[identity] = nth or seen[identity] + 1
        yield (landing.seq, number, row_fp, *same)

    def _differs(self, landing: Landing, number: int, column: str, expected: object, found: object) -> None:
        self._findings.add(
            "lake_cell",
            table=TRADING_OPERATIONS.name,
            file=landing.name,
            record=number,
            column=column,
            expected=expected,
            found=found,
        )


def _occurrence(identity: bytes, operation_id: bytes, *, first: int, most: int) -> int | None:
    """Which of equal records of its file a row is; None when its id is none of theirs."""
    if most == 1:
        return 1 if identity == operation_id else None
    return next((nth for nth in range(first, most + 1) if nth_identity(identity, nth) == operation_id), None)


def _values(row: Sequence[Any]) -> dict[str, Value]:
    """The canonical values of a row of the lake."""
    return {name: _value(value) for name, value in zip(_NAMES, row[len(_KNOWN) :], strict=True)}


def _value(value: str | int | Decimal | date | None) -> Value:
    if isinstance(value, Decimal):
        return canonical(value)
    return value.isoformat() if isinstance(value, date) else value


def _check_sums(
    history: History,
    gone: Mapping[FileKey, date],
    found: Mapping[tuple[bytes, str, str], Sum],
    findings: Findings,
) -> None:
    """The published rows of each file and month are as many, and of the same fingerprints, as the ledger says."""
    ledger: defaultdict[tuple[bytes, str, str], Sum] = defaultdict(Sum)
    files = {key[:2] for key in gone}
    for row in history.rows:
        key = (row["file_id"].bytes, row["source"], row["partition"])
        if key[:2] in files and row["hop"] == "publish":
            ledger[key] = ledger[key].plus(Sum(row["passed"], int(row["fp_passed"])))
        elif key[:2] in files and row["hop"] == "supersede":
            ledger[key] = ledger[key].plus(Sum(-row["records_in"], -int(row["fp_in"])))
    for key in sorted(set(ledger) | set(found)):
        ours, theirs = ledger.get(key, Sum()), found.get(key, Sum())
        if ours != theirs:
            findings.add(
                "lake_sum",
                file=next(history.files[one]["name"] for one in gone if one[:2] == key[:2]),
                partition=key[2],
                expected=f"{ours.records} rows, fingerprint {ours.fp}",
                found=f"{theirs.records} rows, fingerprint {theirs.fp}",
            )
