"""The step itself: keyed tables first (operations refer to them), then operations, then the lake's commits."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import polars as pl

from nexus_data import lake, ledger
from nexus_data.contract.load import load_all
from nexus_data.deduplicate import history, keyed, parents
from nexus_data.deduplicate.operations import TABLE as OPERATIONS
from nexus_data.deduplicate.operations import Deduplicator, Known
from nexus_data.landing import LandedFile, load_files
from nexus_data.quarantine import fates
from nexus_data.quarantine.requeue import queued
from nexus_data.readers.read import locate
from nexus_data.results import StepResult
from nexus_data.runs import Run
from nexus_data.staging import REJECTED_SCHEMA, Stage, units
from nexus_data.tables import CANONICAL, LAKE

HOP = "deduplicate"


@dataclass(slots=True)
class _Outcome:
    """What the step has decided so far."""

    lines: list[ledger.Line] = field(default_factory=list)
    rejected: list[pl.DataFrame] = field(default_factory=list)
    taken_back: list[pl.DataFrame] = field(default_factory=list)
    superseded: list[pl.DataFrame] = field(default_factory=list)
    rows: Counter[str] = field(default_factory=Counter)
    months: Counter[str] = field(default_factory=Counter)
    replayed: frozenset[int] = frozenset()
    replays: list[pl.DataFrame] = field(default_factory=list)

    def take(self, decided: pl.DataFrame, *, table: str, by_month: bool) -> None:
        keys = ("file_no", "month") if by_month else ("file_no",)
        self.lines += ledger.lines_by_outcome(decided, hop=HOP, keys=keys)
        self.rejected.append(decided.filter(pl.col("outcome") == "rejected"))
        if self.replayed:
            again = decided.filter(pl.col("file_no").is_in(list(self.replayed)), pl.col("outcome") != "rejected")
            self.replays.append(again.select("file_no", "record_no", "outcome"))
        self.rows[table] += decided.filter(pl.col("outcome") == "passed").height


def deduplicate(run: Run) -> StepResult:
    """Decide every accepted record and bring the lake to what will be published."""
    started = time.monotonic()
    files = {file.file_no: file for file in load_files(run) if file.status == "new"}
    outcome = _Outcome(replayed=frozenset(number for number, file in files.items() if file.replayed))
    implied = _implied_allowed(files)
    tables = _keyed_tables(run, files, implied, outcome)
    written = _operations(run, files, implied, tables, outcome)
    _quarantine(run, files, outcome)
    for decided in outcome.replays:
        fates.note(run.staging, decided)
    fates.settle(run)
    for name, snapshot in tables.items():
        if _changed(snapshot):
            lake.replace(run.settings.home, CANONICAL[name], rows=snapshot)
            snapshot.write_parquet(run.staging / f"snapshot-{name}.parquet")
    _save_written(run.staging, written)
    _save_superseded(run.staging, outcome.superseded)
    outcome.lines = ledger.add(outcome.lines)
    ledger.save(run.staging, HOP, outcome.lines)
    _save_taken_back(run.staging, outcome.taken_back)
    return StepResult(
        tally=ledger.tally(outcome.lines),
        seconds=time.monotonic() - started,
        rows=dict(outcome.rows),
        partitions=dict(outcome.months),
    )


def _implied_allowed(files: Mapping[int, LandedFile]) -> dict[int, bool]:
    contracts = {source.version: source.contract for source in load_all()}
    return {number: contracts[file.contract_version].implied_parents for number, file in files.items()}


def _keyed_tables(
    run: Run, files: Mapping[int, LandedFile], implied: Mapping[int, bool], outcome: _Outcome
) -> dict[str, pl.DataFrame]:
    """Every keyed table as it will be; `file_no` is PUBLISHED for rows that this run left as they were."""
    tables: dict[str, pl.DataFrame] = {}
    for name, table in CANONICAL.items():
        if table.partition_by is not None:
            continue
        current = lake.snapshot(run.settings.home, table)
        staged = _staged(run.staging, name, files)
        refused = _refused(name, staged, tables, implied, files)
        decision = keyed.decide(current, staged=staged.filter(~refused), table=table)
        outcome.take(decision.decided, table=name, by_month=False)
        if refused.any():
            outcome.take(_unknown_parent(staged.filter(refused), name), table=name, by_month=False)
        taken = _without_implied(decision.taken_back)
        outcome.taken_back.append(_ledger_facts(taken, table=name))
        tables[name] = decision.snapshot
        _imply(name, staged.filter(~refused), files, tables)
    return tables


def _staged(staging: Path, name: str, files: Mapping[int, LandedFile]) -> pl.DataFrame:
    found = [file for group in units(staging, name) for file in group]
    if not found:
        return pl.Schema({**lake.lake_schema(CANONICAL[name]), "file_no": pl.Int64()}).to_frame()
    return pl.read_parquet(found, glob=False).filter(pl.col("file_no").is_in(list(files))).sort("file_no", "record_no")


_PARENT = {
    "user_accounts": ("users", "user_id"),
    "projects": ("users", "user_id"),
    "project_milestones": ("projects", "project_id"),
    "frenly_ai_tasks": ("users", "user_id"),
}


_UNKNOWN = {"users": "UNKNOWN_USER", "projects": "UNKNOWN_PROJECT"}


def _refused(
    name: str,
    staged: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    implied: Mapping[int, bool],
    files: Mapping[int, LandedFile],
) -> pl.Series:
    if name not in _PARENT:
        return pl.Series([False] * staged.height, dtype=pl.Boolean)
    parent, column = _PARENT[name]
    refused = parents.unknown_parents(staged, known=tables[parent], allowed=implied, column=column)
    return refused & ~_is_owner(staged, files) if column == "user_id" else refused


def _is_owner(rows: pl.DataFrame, files: Mapping[int, LandedFile]) -> pl.Series:
    """Whether a row's user is the one whom its file was landed for."""
    owners = pl.DataFrame(
        {"file_no": list(files), "owner": [file.owner for file in files.values()]},
        schema={"file_no": pl.Int64(), "owner": pl.String()},
    )
    joined = rows.select("file_no", "user_id").join(owners, on="file_no", how="left", maintain_order="left")
    return joined.select((pl.col("user_id") == pl.col("owner")).alias("own"))["own"]


def _unknown_parent(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    parent, column = _PARENT[name]
    code = f"{_UNKNOWN[parent]}:{column}"
    return rows.select(
        "file_no", "record_no", "row_fp", pl.lit("rejected").alias("outcome"), pl.lit(code).alias("reasons")
    )


def _imply(name: str, staged: pl.DataFrame, files: Mapping[int, LandedFile], tables: dict[str, pl.DataFrame]) -> None:
    """Add the parents that a keyed table's new rows name and nobody has."""
    if _PARENT.get(name, ("", ""))[1] == "user_id":
        _add_users(staged, tables)
    if name == "project_milestones":
        owners = {number: file.owner for number, file in files.items()}
        rows = staged.with_columns(pl.col("file_no").replace_strict(owners, return_dtype=pl.String).alias("user_id"))
        news = parents.implied_projects(rows, known=tables["projects"])
        tables["projects"] = pl.concat([tables["projects"], _new(news)])
        _add_users(news, tables)


def _add_users(rows: pl.DataFrame, tables: dict[str, pl.DataFrame]) -> None:
    news = parents.implied_users(rows, known=tables["users"])
    tables["users"] = pl.concat([tables["users"], _new(news)])


def _new(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.lit(0, dtype=pl.Int64).alias("file_no"))


def _changed(snapshot: pl.DataFrame) -> bool:
    return bool((snapshot["file_no"] != keyed.PUBLISHED).any())


def _without_implied(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("status") != parents.IMPLIED) if "status" in rows.columns else rows


def _operations(
    run: Run,
    files: Mapping[int, LandedFile],
    implied: Mapping[int, bool],
    tables: dict[str, pl.DataFrame],
    outcome: _Outcome,
) -> list[lake.LakeFile]:
    groups = units(run.staging, OPERATIONS.name)
    if not groups:
        return []
    landings = pl.DataFrame(
        {
            "file_no": list(files),
            "owner": [file.owner for file in files.values()],
            "implied_parents": [implied[number] for number in files],
        }
    )
    known = Known(landings=landings, users=tables["users"], milestones=tables["project_milestones"])
    engine = Deduplicator(run, known=known, groups=groups)
    written: list[lake.LakeFile] = []
    for group in groups:
        for decided in engine.decide(group):
            written += decided.written
            outcome.take(decided.lines, table=OPERATIONS.name, by_month=True)
            outcome.months.update({one.month: one.rows for one in decided.written})
            outcome.superseded.append(decided.superseded)
            _add_users(decided.user_rows, tables)
    engine.close()
    _bring_to_lake(run, engine, written, outcome)
    return written


def _bring_to_lake(run: Run, engine: Deduplicator, written: Sequence[lake.LakeFile], outcome: _Outcome) -> None:
    home = run.settings.home
    back = history.take_back(run, engine.taken)
    outcome.superseded += back.rows
    outcome.taken_back += [_ledger_facts(rows, table=OPERATIONS.name) for rows in back.rows]
    lake.append(home, OPERATIONS, written=[*written, *back.written], gone=back.gone)
    if outcome.superseded:
        lake.add(home, history.SUPERSEDED, rows=pl.concat(outcome.superseded), run_id=run.run_id)
    lake.add(home, LAKE["operation_revisions"], rows=engine.revisions, run_id=run.run_id)


def _ledger_facts(rows: pl.DataFrame, *, table: str) -> pl.DataFrame:
    """What the ledger counts of rows that are taken back."""
    month = pl.col("date").dt.strftime("%Y-%m") if table == OPERATIONS.name else pl.lit("")
    return rows.select("source", "file_id", "row_fp", pl.lit(table).alias("table_name"), month.alias("partition"))


def _quarantine(run: Run, files: Mapping[int, LandedFile], outcome: _Outcome) -> None:
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
    texts = locate(
        Path(file.kept),
        file.layout,
        rows["record_no"],
        batch_bytes=run.settings.batch_bytes,
        max_expanded_bytes=run.settings.max_expanded_bytes,
    )
    found = rows.rename({"reasons": "rules"}).join(texts, on="record_no", how="left")
    return found.with_columns(pl.lit(HOP).alias("hop")).select(REJECTED_SCHEMA.names())


def _as_quarantined(run: Run, file: LandedFile, rows: pl.DataFrame) -> pl.DataFrame:
    """With line and raw text as quarantine has them: a correction changes neither."""
    texts = queued(run.staging, file.file_no).select("record_no", "line", "raw").collect()
    found = rows.rename({"reasons": "rules"}).join(texts, on="record_no", how="left")
    return found.with_columns(pl.lit(HOP).alias("hop")).select(REJECTED_SCHEMA.names())


def _save_written(staging: Path, written: Sequence[lake.LakeFile]) -> None:
    (staging / "written.json").write_bytes(msgspec.json.encode(written))


def _save_superseded(staging: Path, frames: Sequence[pl.DataFrame]) -> None:
    empty = lake.lake_schema(history.SUPERSEDED).to_frame()
    pl.concat([empty, *frames]).write_parquet(staging / "superseded-operations.parquet")


def _save_taken_back(staging: Path, frames: Sequence[pl.DataFrame]) -> None:
    pl.concat(frames).write_parquet(staging / "taken-back.parquet")
