"""Random histories of full exports of keyed tables that depend on each other: the verifier comes to what the pipeline
does, run by run. Users and projects may have the same ids."""

import shutil
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import polars as pl
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from nexus_data import lake
from nexus_data.contract.model import Contract
from nexus_data.deduplicate import snapshots
from nexus_data.deduplicate.outcome import Outcome
from nexus_data.deduplicate.sightings import remember
from nexus_data.deduplicate.tables import keep_named, keyed_tables
from nexus_data.landing import save_files
from nexus_data.ledger import Generation
from nexus_data.runs import Run
from nexus_data.services import Services
from nexus_data.settings import Settings
from nexus_data.staging import MENTIONS_SCHEMA, Stage
from nexus_data.tables import CANONICAL
from nexus_data.verify import contracts, keyed_exports, keyed_runs
from nexus_data.verify.full_exports import FullExports
from nexus_data.verify.history import Landing
from nexus_data.verify.identity import row_id
from nexus_data.verify.keyed import KeyedTables, Record
from nexus_data.verify.spill import given_columns
from tests.spine.test_deduplicate_laws import _landed

_TABLES = ("users", "projects", "project_milestones")
_PARENT = {"projects": "user_id", "project_milestones": "project_id"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Row(NamedTuple):
    """A record: its key, whom it names, its version (the source's own order), and whether it is rejected."""

    key: str
    parent: str
    version: int
    rejected: bool


class File(NamedTuple):
    """name: the logical one, empty for a file that is no full export."""

    table: str
    name: str
    rows: list[Row]


_ROWS = st.lists(st.builds(Row, st.sampled_from("abu"), st.sampled_from("abu"), st.integers(1, 3), st.booleans()))
_FILES = st.builds(File, st.sampled_from(_TABLES), st.sampled_from(["m", "n", ""]), _ROWS.filter(lambda r: len(r) < 5))
_RUNS = st.lists(st.lists(_FILES, min_size=1, max_size=4), min_size=1, max_size=5)
_SAYS: Mapping[str, Any] = {"title": "x", "timezone": "UTC", "variants": [{"columns": ["a"]}], "fields": {}}


def _values(table: str, row: Row) -> dict[str, object]:
    given = {"name": "n", "status": "active", "status_category": "todo", "display_name": f"{row.version}"}
    own = {CANONICAL[table].key[0]: row.key, "updated_at": _EPOCH + timedelta(days=row.version)}
    if table in _PARENT:
        own[_PARENT[table]] = row.parent
    names = {field.name for field in CANONICAL[table].fields}
    return {name: value for name, value in (given | own).items() if name in names}


def _content(table: str, row: Row) -> int:
    return zlib.crc32(repr((table, row.key, row.parent, row.version)).encode())


def by_the_pipeline(home: Path, number: int, files: Sequence[File]) -> set[Any]:
    """What is there after a run, and what the run took back or rejected."""
    staging = home / "staging" / str(number)
    staging.mkdir(parents=True)
    run = Run(
        settings=Settings(home=home, snapshot_shrink=1.0),
        run_id=f"run{number}",
        services=Services(postgres_url="", redis_url=""),
        staging=staging,
        base=Generation(generation=number),
        started=0.0,
    )
    landed = [
        replace(_landed(index, file.name or "plain", number), table=file.table, contract_version=file.name and "full")
        for index, file in enumerate(files)
    ]
    save_files(run, landed)
    _stage(staging, files, [one.file_id for one in landed])
    plan = snapshots.plan(run, {"full": _contract(full=True), "": _contract(full=False)})
    outcome = Outcome()
    numbers = {file.file_no: file for file in landed}
    tables = keyed_tables(run, numbers, implied=dict.fromkeys(numbers, False), plan=plan, outcome=outcome)
    keep_named(run, tables)
    for name, now in tables.now.items():
        lake.replace(home, CANONICAL[name], rows=now)
    rejected = [frame.select("file_no", "record_no") for frame in outcome.rejected]
    if plan.scopes:
        remember(run, plan, rejected=pl.concat(rejected))
    return set(_found(tables.now, outcome, rejected))


def _contract(*, full: bool) -> Contract:
    return msgspec.convert({**_SAYS, "table": "users", **({"snapshot": {}} if full else {})}, Contract)


def _stage(staging: Path, files: Sequence[File], ids: Sequence[bytes]) -> None:
    stage = Stage(staging)
    for name in _TABLES:
        table, rows, mentions = CANONICAL[name], [], []
        for number, file in enumerate(files):
            for place, row in enumerate(file.rows, 1):
                if file.table != name:
                    continue
                values = _values(name, row)
                if not row.rejected:
                    own = {"file_no": number, "record_no": place, "row_fp": place, "content_fp": _content(name, row)}
                    rows.append({**values, **own, "source": "s", "file_id": ids[number]})
                elif file.name:
                    mentions.append(
                        {"file_no": number, "row_id": row_id(table, {k: str(v) for k, v in values.items()})}
                    )
        schema = pl.Schema({**lake.lake_schema(table), "file_no": pl.Int64()})
        stage.accept(name, pl.DataFrame(rows, schema=schema, orient="row"))
        stage.mention(pl.DataFrame(mentions, schema=MENTIONS_SCHEMA, orient="row"))
    stage.close()


def _found(now: Mapping[str, pl.DataFrame], outcome: Outcome, rejected: Sequence[pl.DataFrame]) -> Iterator[Any]:
    for name in _TABLES:
        key = CANONICAL[name].key[0]
        for row in now[name].iter_rows(named=True):
            implied = row["status"] == "implied"
            yield name, row[key], None if implied else row["content_fp"], None if implied else row["record_no"]
    for frame in outcome.superseded_rows:
        for row in frame.iter_rows(named=True):
            yield row["table_name"], row["row_key"], row["superseded_reason"], row["file_id"], row["record_no"]
    for frame in rejected:
        yield from frame.iter_rows()


class Verifier:
    """The verifier's own books of a history."""

    def __init__(self) -> None:
        self._exports = FullExports()
        self._sightings = keyed_exports.Sightings(self._exports)
        self._tables, self._seq = KeyedTables(), 0

    def take(self, number: int, files: Sequence[File]) -> set[Any]:
        """The same of a run."""
        before = len(self._tables.taken)
        landings = [self._landing(number, index, file) for index, file in enumerate(files)]
        gone: dict[str, list[Record]] = {}
        rejected: set[Any] = set()
        for name in _TABLES:
            mine = [(one, file) for one, file in zip(landings, files, strict=True) if file.table == name]
            mentioned = {one.seq: set(_mentioned(file)) for one, file in mine if file.name}
            decisions, gone[name] = keyed_runs.decide(
                name,
                [record for one, file in mine for record in _records(one, file)],
                generation=number + 1,
                tables=self._tables,
                sightings=self._sightings,
                mentioned=mentioned,
                implied=dict.fromkeys((one.seq for one in landings), False),
            )
            refused = [one.record for one in decisions if one.outcome == "rejected"]
            rejected |= {(one.landing.file_no, one.record_no) for one in refused if one.landing}
        keyed_runs.keep_named(gone, self._tables)
        return rejected | set(self._told(before))

    def _landing(self, number: int, index: int, file: File) -> Landing:
        key = (_landed(index, "", number).file_id, "s", "u")
        name = f"{file.name or 'plain'}.csv"
        one = Landing(self._seq, number + 1, "", index, key, file.table, "new", {"name": name})
        self._seq += 1
        body = {"table": file.table, **({"snapshot": {}} if file.name else {})}
        self._exports.take(one, contracts.Contract("s", "d", "", body))
        return one

    def _told(self, before: int) -> Iterator[Any]:
        for name in _TABLES:
            for (key, *_), row in self._tables.rows[name].items():
                yield name, key, row.content_fp if row.landing else None, row.record_no if row.landing else None
        for taken in self._tables.taken[before:]:
            landing = taken.record.landing
            assert landing is not None
            key = taken.record.values[CANONICAL[landing.table].key[0]]
            yield landing.table, key, taken.reason, landing.key[0], taken.record.record_no


def _records(landing: Landing, file: File) -> list[Record]:
    every = dict.fromkeys(given_columns(CANONICAL[file.table]))
    return [
        Record(landing, place, place, _content(file.table, row), {**every, **_plain(_values(file.table, row))})
        for place, row in enumerate(file.rows, 1)
        if not row.rejected
    ]


def _plain(values: Mapping[str, object]) -> dict[str, Any]:
    return {k: (v - _EPOCH) // timedelta(microseconds=1) if isinstance(v, datetime) else v for k, v in values.items()}


def _mentioned(file: File) -> Iterator[bytes]:
    for row in file.rows:
        found = row_id(CANONICAL[file.table], _plain(_values(file.table, row)))
        if row.rejected and found is not None:
            yield found


def _rows(*pairs: str) -> list[Row]:
    """Rows by key and parent."""
    return [Row(key, parent, 1, rejected=False) for key, parent in pairs]


_OWNED = [
    File("users", "m", _rows("au")),
    File("projects", "m", _rows("ba")),
    File("project_milestones", "", _rows("ub")),
]
_NAMESAKES = [File("users", "m", _rows("au")), File("projects", "n", _rows("au"))]


@hypothesis_settings(max_examples=20, deadline=None)
@example([_OWNED, [File("users", "m", []), File("projects", "m", [])]])
@example([_NAMESAKES, [File("users", "m", []), File("projects", "n", _rows("au"))]])
@example([_NAMESAKES, [File("users", "m", [])]])
@given(_RUNS)
def test_comes_to_what_the_pipeline_does(runs: list[list[File]]) -> None:
    home, verifier = Path(tempfile.mkdtemp(prefix="nexus-law-")), Verifier()
    try:
        for number, files in enumerate(runs):
            assert verifier.take(number, files) == by_the_pipeline(home, number, files)
    finally:
        shutil.rmtree(home)
