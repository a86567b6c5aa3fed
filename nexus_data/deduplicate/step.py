"""The step itself: keyed tables first (operations refer to them), then operations, then the lake's commits."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import polars as pl

from nexus_data import lake, ledger
from nexus_data.contract.load import load_of
from nexus_data.deduplicate import history, keyed, snapshots
from nexus_data.deduplicate.operations import TABLE as OPERATIONS
from nexus_data.deduplicate.operations import Deduplicator, Known
from nexus_data.deduplicate.outcome import HOP, Outcome, ledger_facts
from nexus_data.deduplicate.sightings import remember
from nexus_data.deduplicate.tables import Tables, add_users, keep_named, keyed_tables
from nexus_data.landing import LandedFile, load_files, save_files
from nexus_data.progress import meter
from nexus_data.quarantine import fates
from nexus_data.quarantine.requeue import queued
from nexus_data.readers.read import locate
from nexus_data.readers.starts import places
from nexus_data.results import StepResult
from nexus_data.runs import Run
from nexus_data.staging import REJECTED_SCHEMA, Stage, read_starts, units
from nexus_data.tables import CANONICAL, HISTORY, LAKE
from nexus_data.tables.polars_schema import schema


def deduplicate(run: Run) -> StepResult:
    """Decide every accepted record and bring the lake to what will be published."""
    started = time.monotonic()
    sources = [file.source for file in load_files(run) if file.status == "new"]
    contracts = {one.version: one.contract for one in load_of(sources)}
    plan = snapshots.plan(run, contracts)  # holds files, too
    files = {file.file_no: file for file in load_files(run) if file.status == "new"}
    outcome = Outcome(replayed=frozenset(number for number, file in files.items() if file.replayed))
    implied = {number: contracts[file.contract_version].implied_parents for number, file in files.items()}
    tables = keyed_tables(run, files, implied=implied, plan=plan, outcome=outcome)
    written = _operations(run, files, implied, plan, tables, outcome)
    keep_named(run, tables)
    _quarantine(run, files, outcome)
    _save(run, tables, plan, outcome)
    _save_written(run.staging, written)
    return StepResult(
        tally=ledger.tally(outcome.lines),
        seconds=time.monotonic() - started,
        rows=dict(outcome.rows),
        partitions=dict(outcome.months),
        notes=tuple(f"{files[number].name}: {n} rows vanished" for number, n in sorted(outcome.vanished.items())),
    )


def _save(run: Run, tables: Tables, plan: snapshots.Plan, outcome: Outcome) -> None:
    for decided in outcome.replays:
        fates.note(run.staging, decided)
    fates.settle(run)
    _save_tables(run, tables)
    if plan.scopes or plan.replayed.height:
        remember(run, plan, rejected=pl.concat(_records(outcome.rejected)))
        _tell_vanished(run, outcome)
    _save_history(run.staging, outcome)
    outcome.lines = ledger.add(outcome.lines)
    ledger.save(run.staging, HOP, outcome.lines)


def _save_tables(run: Run, tables: Tables) -> None:
    for name, now in tables.now.items():
        gone = tables.vanished[name]
        if (now["file_no"] != keyed.PUBLISHED).any() or gone.height:
            lake.replace(run.settings.home, CANONICAL[name], rows=now)
            now.write_parquet(run.staging / f"snapshot-{name}.parquet")
            gone.select(CANONICAL[name].key).write_parquet(run.staging / f"vanished-{name}.parquet")


def _records(frames: Sequence[pl.DataFrame]) -> list[pl.DataFrame]:
    names = ("file_no", "record_no")
    return [pl.Schema(dict.fromkeys(names, pl.Int64())).to_frame(), *(frame.select(names) for frame in frames)]


def _tell_vanished(run: Run, outcome: Outcome) -> None:
    files = load_files(run)
    save_files(run, [replace(file, vanished=outcome.vanished[file.file_no]) for file in files])


def _operations(
    run: Run,
    files: Mapping[int, LandedFile],
    implied: Mapping[int, bool],
    plan: snapshots.Plan,
    tables: Tables,
    outcome: Outcome,
) -> list[lake.LakeFile]:
    groups = units(run.staging, OPERATIONS.name)
    if not groups and plan.vanished(OPERATIONS.name).height == 0:
        return []
    landings = pl.DataFrame(
        {
            "file_no": list(files),
            "owner": [file.owner for file in files.values()],
            "implied_parents": [implied[number] for number in files],
        }
    )
    known = Known(landings=landings, users=tables.now["users"], milestones=tables.now["project_milestones"])
    engine = Deduplicator(run, known=known, groups=groups, plan=plan)
    written: list[lake.LakeFile] = []
    come = meter(run.staging, HOP, unit="records", total=_rows(groups))
    for group in groups:
        for decided in engine.decide(group):
            come.advance(done=decided.lines.height, records=decided.lines.height)
            written += decided.written
            outcome.take(decided.lines, table=OPERATIONS.name, by_month=True)
            outcome.months.update({one.month: one.rows for one in decided.written})
            outcome.superseded.append(decided.superseded)
            add_users(decided.user_rows, tables.now)
    engine.close()
    _bring_to_lake(run, engine, written, outcome)
    _count_vanished(plan, engine.taken, outcome)
    return written


def _rows(groups: Sequence[Sequence[str]]) -> int:
    staged = pl.scan_parquet([file for group in groups for file in group], glob=False)
    return int(staged.select(pl.len()).collect().item())


def _bring_to_lake(run: Run, engine: Deduplicator, written: Sequence[lake.LakeFile], outcome: Outcome) -> None:
    home = run.settings.home
    back = history.take_back(run, engine.taken)
    outcome.superseded += back.rows
    outcome.taken_back += [ledger_facts(rows, table=OPERATIONS.name) for rows in back.rows]
    lake.append(home, OPERATIONS, written=[*written, *back.written], gone=back.gone)
    if outcome.superseded:
        lake.add(home, history.SUPERSEDED, rows=pl.concat(outcome.superseded), run_id=run.run_id)
    lake.add(home, LAKE["operation_revisions"], rows=engine.revisions, run_id=run.run_id)


def _count_vanished(plan: snapshots.Plan, taken: pl.DataFrame, outcome: Outcome) -> None:
    numbers = {file.file_id: file.file_no for file in plan.lasts.values()}
    gone = taken.filter(pl.col("superseded_reason") == "vanished").group_by("superseded_by_file_id").len()
    outcome.vanished.update({numbers[file_id]: count for file_id, count in gone.iter_rows()})


def _quarantine(run: Run, files: Mapping[int, LandedFile], outcome: Outcome) -> None:
    """Stage what this hop rejected, with the raw text, which is read again from the kept file."""
    refused = [frame.select("file_no", "record_no", "row_fp", "reasons") for frame in outcome.rejected if frame.height]
    if not refused:
        return
    stage = Stage(run.staging / "late")
    for (number,), rows in pl.concat(refused).partition_by("file_no", as_dict=True).items():
        stage.reject(_with_raw_text(run, files[int(str(number))], rows))


def _with_raw_text(run: Run, file: LandedFile, rows: pl.DataFrame) -> pl.DataFrame:
    if file.replayed:
        return _as_quarantined(run, file, rows)
    assert file.layout is not None  # noqa: S101 - a file without a layout was never read
    numbers, kept = rows["record_no"], Path(file.kept)
    limits = {"batch_bytes": run.settings.batch_bytes, "max_expanded_bytes": run.settings.max_expanded_bytes}
    starts = read_starts(run.staging, file_no=file.file_no)
    texts = places(kept, file.layout, numbers, starts=starts, **limits)
    texts = locate(kept, file.layout, numbers, **limits) if texts is None else texts
    found = rows.rename({"reasons": "rules"}).join(texts, on="record_no", how="left")
    return found.with_columns(pl.lit(HOP).alias("hop")).select(REJECTED_SCHEMA.names())


def _as_quarantined(run: Run, file: LandedFile, rows: pl.DataFrame) -> pl.DataFrame:
    """With line and raw text as quarantine has them: a correction changes neither."""
    texts = queued(run.staging, file.file_no).select("record_no", "line", "raw").collect()
    found = rows.rename({"reasons": "rules"}).join(texts, on="record_no", how="left")
    return found.with_columns(pl.lit(HOP).alias("hop")).select(REJECTED_SCHEMA.names())


def _save_written(staging: Path, written: Sequence[lake.LakeFile]) -> None:
    (staging / "written.json").write_bytes(msgspec.json.encode(written))


def _save_history(staging: Path, outcome: Outcome) -> None:
    """What is superseded, for the publisher: rows for the history, and what the ledger is to count of them."""
    empty = lake.lake_schema(history.SUPERSEDED).to_frame()
    pl.concat([empty, *outcome.superseded]).write_parquet(staging / "superseded-operations.parquet")
    rows = schema(HISTORY["superseded_rows"]).to_frame()
    pl.concat([rows, *outcome.superseded_rows]).write_parquet(staging / "superseded-rows.parquet")
    pl.concat(outcome.taken_back).write_parquet(staging / "taken-back.parquet")
