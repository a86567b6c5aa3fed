"""The step itself: build beside, then one transaction that adopts, replaces, counts, compares and commits."""

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from uuid import UUID

import msgspec
import polars as pl
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from nexus_data import lake, ledger
from nexus_data.announce import announce
from nexus_data.errors import RunError
from nexus_data.landing import LandedFile, load_files
from nexus_data.ledger import Line
from nexus_data.maintenance.statistics import analyze_loaded
from nexus_data.postgres.connect import connection
from nexus_data.progress import meter
from nexus_data.publish.building import builders
from nexus_data.publish.changes import record_changes
from nexus_data.publish.cold import cold_months, new_rows, note_restored, whole_months
from nexus_data.publish.copy import copy_frame
from nexus_data.publish.evidence import (
    files_rows,
    generation,
    ledger_rows,
    present,
    quarantine_rows,
    taken_back_rows,
)
from nexus_data.publish.history import keep_rows, supersede, superseded_operations
from nexus_data.publish.keyed import changed, take_out, upsert
from nexus_data.publish.marts import adopt_marts, build_marts, load_computed, load_mart
from nexus_data.publish.operations import Build, Sums, attach, build_months, join
from nexus_data.publish.quarantine import demand_quarantine, settle_quarantine
from nexus_data.quarantine.fates import changes_nothing
from nexus_data.results import StepResult, Tally
from nexus_data.runs import Run, remember
from nexus_data.sql import query
from nexus_data.tables import CANONICAL

log = logging.getLogger(__name__)

_HOPS = ("read", "standardize", "deduplicate")


def publish(run: Run) -> StepResult:
    """Bring Postgres to what the lake holds, with the evidence, in one commit: a new generation.

    Raises RunError, and commits nothing, when a count, a sum or a fingerprint differs on any hop.
    """
    started = time.monotonic()
    if changes_nothing(run):
        ledger.save(run.staging, "publish", [])
        log.info("nothing left quarantine; the generation stays %d", generation(run))
        return StepResult(tally=Tally(), seconds=time.monotonic() - started)
    written = _written(run.staging)
    come = meter(run.staging, "publish", unit="records", total=sum(one.rows for one in written))
    url = run.services.postgres_url
    with connection(url) as database:
        cold = cold_months(database)
    months = whole_months(run.settings.home, _by_month(written), cold=cold)
    with builders() as workers:
        # Marts first: they take longest.
        marts = build_marts(url, load_computed(run.staging), run_id=run.run_id, workers=workers)
        builds = build_months(url, months, run_id=run.run_id, workers=workers, come=come)
        with connection(url) as database:
            builds = new_rows(database, builds, cold=cold, generation=generation(run))
            lines, rows = _commit(run, database, builds, marts=marts, cold=cold)
    remember(run)
    announce(run.services.redis_url, generation=generation(run))
    if builds:
        analyze_loaded(url, grown=[month for build in builds if not build.fresh for month in build.months])
    log.info("generation %d is published", generation(run))
    return StepResult(
        tally=ledger.tally(lines),
        seconds=time.monotonic() - started,
        rows=rows,
        partitions=_rows_of_months(builds),
    )


def _written(staging: Path) -> list[lake.LakeFile]:
    return msgspec.json.decode((staging / "written.json").read_bytes(), type=list[lake.LakeFile])


def _rows_of_months(builds: Iterable[Build]) -> dict[str, int]:
    return {month: rows for build in builds for month, rows in build.months.items()}


def _by_month(written: Iterable[lake.LakeFile]) -> dict[str, list[str]]:
    months: dict[str, list[str]] = defaultdict(list)
    for one in written:
        months[one.month].append(one.path)
    return dict(months)


def _commit(
    run: Run,
    database: psycopg.Connection,
    builds: Sequence[Build],
    *,
    marts: Mapping[str, Future[str | None]],
    cold: Collection[str],
) -> tuple[list[Line], dict[str, int]]:
    files = load_files(run)
    before = ledger.load(run.staging, *_HOPS)
    landed: dict[str, Sums] = {"trading_operations": _plus(build.by_file for build in builds)}
    rows = Counter({"trading_operations": sum(build.rows for build in builds)})
    for name, table in CANONICAL.items():
        snapshot = run.staging / f"snapshot-{name}.parquet"
        if snapshot.exists():
            take_out(database, table, keys=pl.read_parquet(run.staging / f"vanished-{name}.parquet", glob=False))
            rows[name] = upsert(database, table, rows=changed(snapshot))
            landed[name] = _changed_by_file(database, name)
    lines = _publish_lines(files, before, landed)
    _write_evidence(run, database, files, [*before, *lines])
    database.execute(query("publish/insert_generation"), _generation(run))
    ledger.demand_balance(database, run_id=run.run_id)
    supersede(database, superseded_operations(run.staging), generation=generation(run), cold=cold)
    keep_rows(database, run.staging)
    keyed = [name for name in CANONICAL if (run.staging / f"snapshot-{name}.parquet").exists()]
    new = [one.path for one in _written(run.staging)]
    record_changes(database, generation=generation(run), operations=new, keyed=keyed)
    demand_quarantine(database, generation=generation(run))
    note_restored(database, _rows_of_months(builds), cold=cold, generation=generation(run))
    join(database, builds)
    # Large marts have been built all along, while this session had the rows of operations join their months.
    beside = {name: build for name, built in marts.items() if (build := built.result()) is not None}
    for mart in load_computed(run.staging):
        rows[f"marts.{mart.name}"] = mart.rows if mart.name in beside else load_mart(database, mart)
    # Last, for readers wait from here to the commit.
    adopt_marts(database, beside)
    attach(database, builds)
    database.commit()
    ledger.save(run.staging, "publish", lines)
    return lines, dict(rows)


def _changed_by_file(database: psycopg.Connection, name: str) -> Sums:
    implied = any(field.name == "status" for field in CANONICAL[name].fields)
    statement = sql.SQL(query("publish/changed_rows_by_file")).format(
        table=sql.Identifier(name),
        changed=sql.Identifier(f"changed_{name}"),
        key=sql.SQL(", ").join(map(sql.Identifier, CANONICAL[name].key)),
        records=sql.SQL("target.status <> 'implied'" if implied else "TRUE"),
    )
    rows = database.execute(statement).fetchall()
    return {file_id.bytes: (count, int(total)) for file_id, count, total in rows}


def _plus(parts: Iterable[Sums]) -> Sums:
    total: Sums = {}
    for part in parts:
        for key, (count, fp) in part.items():
            old = total.get(key, (0, 0))
            total[key] = (old[0] + count, old[1] + fp)
    return total


def _publish_lines(files: Sequence[LandedFile], before: Sequence[Line], landed: dict[str, Sums]) -> list[Line]:
    """Lines of the last hop: what was passed on came in, and Postgres was asked what is there."""
    passed = [line for line in before if line.hop == "deduplicate"]
    expected: dict[str, Sums] = defaultdict(dict)
    for line in passed:
        file = files[line.file_no]
        share = {file.file_id: (line.records["passed"], int(line.fingerprints["passed"]))}
        expected[file.table] = _plus([expected[file.table], share])
    for table, sums in expected.items():
        _demand_landed(table, sums, landed.get(table, {}), files)
    return [_published(line) for line in passed]


def _demand_landed(table: str, expected: Sums, landed: Sums, files: Sequence[LandedFile]) -> None:
    names = {file.file_id: file.landed_as for file in files}
    for file_id, (count, fp) in expected.items():
        there = landed.get(file_id, (0, 0))
        if there != (count, fp):
            raise RunError(
                f"{names[file_id]}: {count} records (fingerprint {fp}) were to be published to {table}, "
                f"but Postgres holds {there[0]} (fingerprint {there[1]}); nothing was committed"
            )


def _published(line: Line) -> Line:
    whole = (line.records["passed"], int(line.fingerprints["passed"]))
    return ledger.line(line.file_no, hop="publish", came=whole, became={"passed": whole}, partition=line.partition)


def _write_evidence(run: Run, database: psycopg.Connection, files: Sequence[LandedFile], lines: Sequence[Line]) -> None:
    by_number = dict(enumerate(files))
    for file in files:
        if file.status == "new" and not file.replayed:
            about = {"file_id": UUID(bytes=file.file_id), "user_id": file.owner, "generation": generation(run)}
            database.execute(query("publish/release_held"), about)
    known = present(database, "files")
    settle_quarantine(run, database, generation=generation(run))
    with database.cursor() as cursor:
        for name, frame in (
            ("ledger", ledger_rows(run, lines, files=by_number)),
            ("ledger", taken_back_rows(run, published=known)),
            ("files", files_rows(run, lines, files=files).join(known, on=_FILE_KEY, how="anti")),
            ("quarantine", quarantine_rows(run, files=by_number)),
        ):
            copy_frame(cursor, frame, table=sql.Identifier(name))


_FILE_KEY = ["file_id", "source", "user_id"]


def _generation(run: Run) -> dict[str, object]:
    return {
        "generation": generation(run),
        "run_id": run.run_id,
        "lake": Jsonb(lake.versions(run.settings.home)),
    }
