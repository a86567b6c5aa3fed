"""The first step of a replay, in the place of landing: records leave quarantine for the run, their files with the
contracts that read them now. Reading them again is the next step's.
"""

import datetime as dt
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import polars as pl
import psycopg

from nexus_data.contract import archive
from nexus_data.contract.load import Source, load_all
from nexus_data.landing import LandedFile, save_files
from nexus_data.postgres.connect import connection
from nexus_data.quarantine.corrections import Correction, Corrections, refuse
from nexus_data.quarantine.files import Key, quarantined_files, recognised
from nexus_data.quarantine.named import Named, named
from nexus_data.quarantine.selection import Selection
from nexus_data.readers.layout import Layout
from nexus_data.results import StepResult, Tally
from nexus_data.runs import Run
from nexus_data.sql import query

log = logging.getLogger(__name__)

QUEUED_SCHEMA = pl.Schema(
    {
        "record_no": pl.Int64(),
        "line": pl.Int64(),
        "hop": pl.String(),
        "rules": pl.String(),
        "raw": pl.String(),
        "row_fp": pl.Int64(),
        "contract_version": pl.String(),
        "generation": pl.Int64(),
    }
)
"""Records of one file that are to be read again, as quarantine has them."""

CORRECTED_SCHEMA = pl.Schema(
    {
        "record_no": pl.Int64(),
        "field": pl.String(),
        "new_text": pl.String(),
        "fresh": pl.Boolean(),
        "before": pl.String(),
    }
)
"""Corrections in force, by record and raw column. fresh: given for this run; before: what they take the place of, where
that is a correction too."""

_ROWS = 20_000
_FOLDER = "requeue"


@dataclass(slots=True)
class _Queue:
    """What has been taken from quarantine so far. Each file's records are in one folder of the staging folder."""

    folder: Path
    numbers: dict[Key, int]
    counts: dict[int, int]

    def take(self, rows: pl.DataFrame) -> None:
        for key, part in rows.partition_by("file_id", "source", "user_id", as_dict=True, maintain_order=True).items():
            file_id, source, user_id = key
            number = self.numbers.setdefault((UUID(bytes=file_id), str(source), str(user_id)), len(self.numbers))
            place = queue_folder(self.folder, number)
            place.mkdir(parents=True, exist_ok=True)
            part.select(QUEUED_SCHEMA.names()).write_parquet(place / f"{len(list(place.iterdir())):06d}.parquet")
            self.counts[number] = self.counts.get(number, 0) + part.height


def queue_folder(staging: Path, number: int) -> Path:
    """Where the queued records of the run's file of that number are (QUEUED_SCHEMA, in the order of the file)."""
    return staging / _FOLDER / f"{number:06d}"


def mark_replay(run: Run) -> None:
    """Note that this run is a replay, so that it publishes nothing unless it changes something."""
    (run.staging / _FOLDER).mkdir()


def is_replay(run: Run) -> bool:
    """Whether this run is a replay."""
    return (run.staging / _FOLDER).exists()


def queued(staging: Path, number: int) -> pl.LazyFrame:
    """The queued records of a file of the run."""
    found = sorted(queue_folder(staging, number).glob("*.parquet"))
    return pl.scan_parquet(found, glob=False) if found else QUEUED_SCHEMA.to_frame().lazy()


def requeue(run: Run, *, selection: Selection, corrections: Corrections | None = None) -> StepResult:
    """Take the chosen records of quarantine, those that the corrections name where there are any, into the run.

    QuarantineError when a correction names a record or a field that cannot be corrected: nothing is done then.
    """
    started = time.monotonic()
    mark_replay(run)
    with connection(run.services.postgres_url) as database:
        database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        meant = named(database, corrections, selection=selection) if corrections else None
        queue = _Queue(run.staging, {}, {})
        for rows in _open_records(database, selection, meant):
            queue.take(rows)
        files = _files(run, database, queue)
        if corrections and meant:
            refuse(corrections.path, [*meant.wrong, *_misfits(database, files, queue, meant)])
        for key, number in queue.numbers.items():
            _save_corrected(run.staging, database, number, key, meant)
    if corrections:
        _save_author(run.staging, corrections)
    save_files(run, files)
    return _result(files, queue, meant, time.monotonic() - started)


def _open_records(database: psycopg.Connection, selection: Selection, meant: Named | None) -> Iterator[pl.DataFrame]:
    """What is to be read again, in parts, in the order of files and records."""
    only = [(*key, record) for key, records in meant.fresh.items() for record in records] if meant else []
    lists = zip(*only, strict=True) if only else ((), (), (), ())
    names = ("file_ids", "sources", "user_ids", "record_nos")
    about: dict[str, Any] = dict(zip(names, map(list, lists), strict=True))
    about |= selection.parameters(database) | {"records": meant is not None}
    schema = pl.Schema({"file_id": pl.Binary(), "source": pl.String(), "user_id": pl.String(), **QUEUED_SCHEMA})
    with database.cursor(name="quarantine_open") as cursor:
        cursor.execute(query("quarantine/open"), about)
        columns = [column.name for column in cursor.description or ()]
        while rows := cursor.fetchmany(_ROWS):
            texts = [(row[0].bytes, *row[1:]) for row in rows]
            yield pl.DataFrame(texts, schema=columns, orient="row").select(
                pl.col(name).cast(dtype) for name, dtype in schema.items()
            )


def _files(run: Run, database: psycopg.Connection, queue: _Queue) -> list[LandedFile]:
    contracts = load_all()
    known = {file.key: file for file in quarantined_files(database)} if queue.numbers else {}
    files = [recognised(run.settings, known[key], contracts, number=number) for key, number in queue.numbers.items()]
    for file in files:
        if file.status == "new":
            archive.keep(run.settings.home, version=file.contract_version, text=_text(contracts, file))
        else:
            log.error("%s", file.reason)
    return files


def _text(contracts: Sequence[Source], file: LandedFile) -> bytes:
    (path,) = (one.path for one in contracts if (one.source, one.dataset) == (file.source, file.dataset))
    return path.read_bytes()


def _misfits(database: psycopg.Connection, files: Sequence[LandedFile], queue: _Queue, meant: Named) -> Iterator[str]:
    """What is wrong with corrections of records that are in quarantine: a field, or one too few."""
    for key, records in meant.fresh.items():
        if key not in queue.numbers:
            yield from (_passed_over(line) for lines in records.values() for line in lines)
            continue
        number = queue.numbers[key]
        layout = files[number].layout
        if layout is None:
            yield f"line {next(iter(records.values()))[0].line}, file: {files[number].reason}"
            continue
        before = _in_force(database, key)
        rows = queued(queue.folder, number).select("record_no", "hop", "contract_version").collect()
        there = {record: (hop, version) for record, hop, version in rows.iter_rows()}
        for record, lines in records.items():
            yield from (_unknown_field(line, layout) for line in lines if line.field not in layout.expected)
            if record not in there:
                yield _passed_over(lines[0])
            elif there[record] == ("read", files[number].contract_version):
                given = {line.field for line in lines} | {name for one, name, _ in before if one == record}
                yield from _too_few(lines[0], given, layout)


def _passed_over(line: Correction) -> str:
    return f"line {line.line}, record: record {line.record} of {line.file!r} is not among those that the filters choose"


def _unknown_field(line: Correction, layout: Layout) -> str:
    return f"line {line.line}, field: {line.file!r} has no column {line.field!r}; it has {', '.join(layout.expected)}"


def _too_few(line: Correction, given: set[str], layout: Layout) -> Iterator[str]:
    if missing := [name for name in layout.columns if name not in given]:
        yield (
            f"line {line.line}, record: record {line.record} of {line.file!r} could not be told into fields, so that "
            f"all of them must be given; missing: {', '.join(missing)}"
        )


def _in_force(database: psycopg.Connection, key: Key) -> list[tuple[int, str, str]]:
    about = {"file_id": key[0], "source": key[1], "user_id": key[2]}
    return database.execute(query("ledger/corrections_in_force"), about).fetchall()


def _save_corrected(staging: Path, database: psycopg.Connection, number: int, key: Key, meant: Named | None) -> None:
    before = {(record, name): text for record, name, text in _in_force(database, key)}
    lines = [line for records in meant.fresh.get(key, {}).values() for line in records] if meant else []
    news = {(line.record, line.field): line.text for line in lines}
    fresh = {place for place, text in news.items() if before.get(place) != text}
    rows = [
        (*place, text, place in fresh, before.get(place) if place in fresh else None)
        for place, text in sorted({**before, **news}.items())
    ]
    frame = pl.DataFrame(rows, schema=CORRECTED_SCHEMA, orient="row")
    frame.write_parquet(staging / _FOLDER / f"corrected-{number:06d}.parquet")


def corrected(staging: Path, number: int) -> pl.DataFrame:
    """The corrections in force of a file of the run (CORRECTED_SCHEMA)."""
    return pl.read_parquet(staging / _FOLDER / f"corrected-{number:06d}.parquet", glob=False)


def save_file_texts(staging: Path, number: int, texts: pl.DataFrame) -> None:
    """Keep what a file of the run says where it was corrected (OLD_SCHEMA of `correcting`)."""
    texts.write_parquet(staging / _FOLDER / f"file-texts-{number:06d}.parquet")


def file_texts(staging: Path, number: int) -> pl.DataFrame:
    """What a file of the run says where it was corrected."""
    return pl.read_parquet(staging / _FOLDER / f"file-texts-{number:06d}.parquet", glob=False)


class Author(msgspec.Struct, frozen=True):
    """Who gave this run's corrections, why and when."""

    made_by: str
    reason: str
    made_at: dt.datetime


def _save_author(staging: Path, corrections: Corrections) -> None:
    author = Author(corrections.made_by, corrections.reason, dt.datetime.now(dt.UTC))
    (staging / "author.json").write_bytes(msgspec.json.encode(author))


def author(staging: Path) -> Author | None:
    """Whose corrections this run applies for the first time, if it does."""
    path = staging / "author.json"
    return msgspec.json.decode(path.read_bytes(), type=Author) if path.exists() else None


def _result(files: Sequence[LandedFile], queue: _Queue, meant: Named | None, seconds: float) -> StepResult:
    taken = sum(queue.counts[file.file_no] for file in files if file.status == "new")
    notes = [file.reason for file in files if file.reason]
    if meant and meant.known:
        notes.append(f"{len(meant.known)} of the corrections were applied before")
    return StepResult(
        tally=Tally(records_in=taken, passed=taken),
        seconds=seconds,
        rows={status: sum(file.status == status for file in files) for status in ("new", "failed")},
        notes=tuple(notes),
    )
