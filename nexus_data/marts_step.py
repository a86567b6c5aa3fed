"""The fourth step: the marts as they will be once this run is published, computed over the lake."""

import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import polars as pl

from nexus_data import lake, ledger
from nexus_data.inventory import operations_by_month
from nexus_data.landing import load_files
from nexus_data.mart_declarations import declared, definition
from nexus_data.marts import MartFile, compute
from nexus_data.postgres.connect import connection
from nexus_data.publish.evidence import files_after, ledger_rows, present, taken_back_rows
from nexus_data.publish.history import superseded_operations
from nexus_data.publish.marts import Computed, missing_marts, tables_follow
from nexus_data.quality import MART, measures
from nexus_data.results import StepResult, Tally
from nexus_data.runs import Run
from nexus_data.tables import CANONICAL

_HOPS = ("read", "standardize", "deduplicate")
_DEAR = 4
"""So many times what it costs to write a row beside the others, it costs about to replace one."""


def refresh_marts(run: Run) -> StepResult:
    """Compute every mart: whole, or for the months or groups that this run touched where that is enough."""
    started = time.monotonic()
    months = _touched(run) if _all_there(run) else None
    changed, narrowed = _changed(run), _narrowed(run, months)
    evidence = _evidence(run)
    files = {name: lake.files(run.settings.home, name) for name in CANONICAL}
    out = run.staging / "marts"
    done = compute(files, evidence=evidence, out=out, months=months, changed=changed, narrowed=narrowed)
    if months is not None and _changed_shape(run, done):
        months = None
        done = compute(files, evidence=evidence, out=out)
    _save(run.staging, done, months)
    quality = next(mart.path for mart in done if mart.name == MART)
    today = measures(quality, day=datetime.now(UTC).date())
    rows = {mart.name: mart.rows for mart in done}
    return StepResult(tally=Tally(), seconds=time.monotonic() - started, rows=rows, measures=today)


def _touched(run: Run) -> list[str]:
    written = _written(run)
    months = superseded_operations(run.staging).select(pl.col("date").dt.strftime("%Y-%m").unique()).to_series()
    return sorted({one.month for one in written}.union(months))


def _written(run: Run) -> list[lake.LakeFile]:
    return msgspec.json.decode((run.staging / "written.json").read_bytes(), type=list[lake.LakeFile])


def _changed(run: Run) -> list[str]:
    """Where the operations are that this run brings and takes back."""
    return [*(one.path for one in _written(run)), str(run.staging / "superseded-operations.parquet")]


def _narrowed(run: Run, months: list[str] | None) -> list[str]:
    """The marts of which this run touches a small part. A run without files, as at night, computes them whole."""
    if months is None or not load_files(run):
        return []
    came = sum(one.rows for one in _written(run))
    there = operations_by_month(run.settings.home)
    share = {"full": sum(there.values()), "month": sum(there[month] for month in months if month in there)}
    return [mart.name for mart in declared() if mart.groups and came * _DEAR <= share[mart.refresh]]


def _all_there(run: Run) -> bool:
    """Whether every mart of which a part is replaced has a table that the rest can stay in."""
    parted = {mart.name: definition(mart) for mart in declared() if mart.refresh == "month" or mart.groups}
    with connection(run.services.postgres_url) as database:
        return tables_follow(database, parted)


def _changed_shape(run: Run, done: tuple[MartFile, ...]) -> bool:
    parts = {mart.name: pl.read_ipc_schema(mart.path) for mart in done if mart.refresh == "month" or mart.touched}
    with connection(run.services.postgres_url) as database:
        return bool(missing_marts(database, parts))


def _evidence(run: Run) -> dict[str, str]:
    """Ledger and files with this run's own rows, as Parquet."""
    files = load_files(run)
    lines = ledger.load(run.staging, *_HOPS)
    with connection(run.services.postgres_url) as database:
        known, before = present(database, "files"), present(database, "ledger")
    news = [ledger_rows(run, lines, files=dict(enumerate(files))), taken_back_rows(run, published=known)]
    frames = {"ledger": pl.concat([before, *news]), "files": files_after(run, lines, files=files, known=known)}
    for name, frame in frames.items():
        frame.write_parquet(run.staging / f"evidence-{name}.parquet")
    return {name: str(run.staging / f"evidence-{name}.parquet") for name in frames}


def _save(staging: Path, done: tuple[MartFile, ...], months: list[str] | None) -> None:
    definitions = {mart.name: definition(mart) for mart in declared()}
    rows = [
        Computed(
            name=mart.name,
            path=str(mart.path),
            key=mart.key,
            refresh=mart.refresh,
            rows=mart.rows,
            months=None if months is None or mart.refresh == "full" else tuple(months),
            touched=str(mart.touched) if mart.touched else None,
            definition=definitions[mart.name],
        )
        for mart in done
    ]
    (staging / "marts.json").write_bytes(msgspec.json.encode(rows))
