"""The second step: records are read and standardized; what is accepted and what is not is staged, and counted."""

import logging
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import polars as pl

from nexus_data import kernel, lake, ledger
from nexus_data.ahead import ahead
from nexus_data.contract.load import Source, load_of
from nexus_data.errors import FileError, RunError
from nexus_data.grouping.reasons import skip_reasons
from nexus_data.kernel.identity import fingerprint, row_id
from nexus_data.kernel.revisions import MARKED
from nexus_data.landing import LandedFile, hold, load_files, save_files
from nexus_data.progress import Meter, meter
from nexus_data.quarantine.again import read_again
from nexus_data.readers.batch import Batch
from nexus_data.readers.numbering import Numbering
from nexus_data.readers.read import read
from nexus_data.results import StepResult
from nexus_data.runs import Run
from nexus_data.settings import Settings
from nexus_data.staging import REJECTED_SCHEMA, Stage
from nexus_data.tables import CANONICAL

log = logging.getLogger(__name__)

_TABLE_ORDER = list(CANONICAL)


@dataclass(slots=True)
class _Reading:
    """What has been seen of one file so far."""

    lines: list[ledger.Line] = field(default_factory=list)
    numbers: Numbering = field(default_factory=Numbering)
    skipped: Counter[str] = field(default_factory=Counter)
    bytes_told: int = 0


def standardize(run: Run) -> StepResult:
    """Read every new file of the run through the kernel. A file that breaks off half-way is held whole."""
    started = time.monotonic()
    stage = Stage(run.staging)
    accounts = _Accounts(lake.snapshot(run.settings.home, CANONICAL["user_accounts"]))
    files = load_files(run)
    readings: dict[int, _Reading] = {}
    todo = sorted((f for f in files if f.status == "new"), key=_dependencies_first)
    contracts = {source.version: source for source in load_of(file.source for file in todo)}
    come = meter(run.staging, "standardize", unit="bytes", total=sum(file.size for file in todo))
    for file in todo:
        try:
            source = contracts[file.contract_version]
            readings[file.file_no] = _read_file(run, file, source, stage=stage, accounts=accounts, come=come)
        except FileError as error:
            files[file.file_no] = _unreadable(file, str(error).replace(file.kept, file.landed_as))
    stage.close()
    files = _like_their_first(files, readings)
    save_files(run, files)
    return _report(run, files, readings, time.monotonic() - started)


def _dependencies_first(file: LandedFile) -> tuple[int, int]:
    return _TABLE_ORDER.index(file.table), file.file_no


def _unreadable(file: LandedFile, reason: str) -> LandedFile:
    """Held; a file that is in already stays in, and its records stay in quarantine."""
    if not file.replayed:
        return hold(file, reason, records=1)
    log.error("%s", reason)
    return replace(file, status="failed", reason=reason)


def _read_file(
    run: Run, file: LandedFile, source: Source, *, stage: Stage, accounts: "_Accounts", come: Meter
) -> _Reading:
    compiled = kernel.compile_contract(source.contract, name=f"{source.source}/{source.dataset}")
    facts = _facts(run.settings, file, accounts)
    accept = partial(_accept, file, compiled=compiled, stage=stage, accounts=accounts)
    if file.replayed:
        again = read_again(run, file, compiled=compiled, facts=facts, stage=stage, accept=accept)
        return _Reading(lines=again.lines, skipped=again.skipped)
    reading = _Reading()
    for batch, decided in ahead(_batches(run.settings, file), partial(_judged, compiled=compiled, facts=facts)):
        _account(file, batch, decided, reading)
        stage.reject(_rejects(file, batch, decided))
        stage.start(file.file_no, batch.starts())
        if source.contract.snapshot is not None:
            stage.mention(_mentions(file, decided))
        accept(_accepted(file, decided))
        _advance(come, file, batch, decided, reading)
    come.advance(done=file.size - reading.bytes_told)
    return _complete(file, reading)


def _facts(settings: Settings, file: LandedFile, accounts: "_Accounts") -> kernel.FileFacts:
    return kernel.FileFacts(
        file_id=file.file_id,
        source=file.source,
        user_id=file.user,
        default_user=settings.default_user,
        path_groups=file.path_groups,
        accounts=accounts.of(file.source),
    )


def _batches(settings: Settings, file: LandedFile) -> Iterator[Batch]:
    if file.layout is None:
        raise RunError(f"{file.landed_as}: was recognised without a layout")
    most = settings.max_expanded_bytes
    return read(Path(file.kept), file.layout, batch_bytes=settings.batch_bytes, max_expanded_bytes=most)


def _complete(file: LandedFile, reading: _Reading) -> _Reading:
    reading.numbers.demand_all(file.landed_as)
    if not reading.lines:
        # A file without a record counts, too: it may be the next version of a full export.
        reading.lines = [ledger.line(file.file_no, hop="read", came=(0, 0), became={})]
    return reading


def _judged(batch: Batch, *, compiled: kernel.Kernel, facts: kernel.FileFacts) -> pl.DataFrame:
    return kernel.standardize(batch.records, kernel=compiled, facts=facts)


def _advance(come: Meter, file: LandedFile, batch: Batch, decided: pl.DataFrame, reading: _Reading) -> None:
    """Tell how far it has come in the file's own bytes, of which a compressed one has fewer than its text."""
    done = min(batch.size, file.size - reading.bytes_told)
    reading.bytes_told += done
    rejected = batch.broken.height + int((decided["outcome"] == "rejected").sum())
    come.advance(done=done, records=decided.height + batch.broken.height, rejected=rejected)


def _accept(
    file: LandedFile, accepted: pl.DataFrame, *, compiled: kernel.Kernel, stage: Stage, accounts: "_Accounts"
) -> None:
    if compiled.marks is not None:
        stage.mark(accepted)
        accepted = accepted.drop(MARKED.names())
    stage.accept(file.table, accepted)
    accounts.learn(file.table, accepted)


def _accepted(file: LandedFile, decided: pl.DataFrame) -> pl.DataFrame:
    rows = decided.filter(pl.col("outcome") == "accepted").drop("outcome", "reasons")
    return rows.with_columns(pl.lit(file.file_no, dtype=pl.Int64).alias("file_no"))


def _rejects(file: LandedFile, batch: Batch, decided: pl.DataFrame) -> pl.DataFrame:
    """Records that the reader or the kernel refused, with their raw text (REJECTED_SCHEMA)."""
    number = pl.lit(file.file_no, dtype=pl.Int64).alias("file_no")
    refused = decided.filter(pl.col("outcome") == "rejected").select("record_no", "row_fp", rules="reasons")
    judged = refused.join(batch.locate(refused["record_no"]), on="record_no", how="left", maintain_order="left")
    judged = judged.with_columns(number, pl.lit("standardize").alias("hop"))
    broken = _broken(batch).select("record_no", "line", "raw", "row_fp", rules="code")
    broken = broken.with_columns(number, pl.lit("read").alias("hop"))
    columns = REJECTED_SCHEMA.names()
    return pl.concat([judged.select(columns), broken.select(columns)]).sort("record_no")


def _mentions(file: LandedFile, decided: pl.DataFrame) -> pl.DataFrame:
    """The rows that rejected records would be, as far as they name them."""
    rejected = decided.filter(pl.col("outcome") == "rejected")
    number = pl.lit(file.file_no, dtype=pl.Int64).alias("file_no")
    table = CANONICAL[file.table]
    if table.partition_by is None:
        return rejected.select(number, row_id(table)).drop_nulls()
    return rejected.filter(~pl.col("by_content")).select(number, row_id="identity")


def _broken(batch: Batch) -> pl.DataFrame:
    return batch.broken.with_columns(fingerprint(pl.col("raw")).alias("row_fp"))


def _account(file: LandedFile, batch: Batch, decided: pl.DataFrame, reading: _Reading) -> None:
    """Count the batch on its two hops; a batch that loses or invents a record number stops the run."""
    broken = ledger.measure(_broken(batch))
    headers = batch.locate(batch.repeated).with_columns(fingerprint(pl.col("raw")).alias("row_fp"))
    repeated = ledger.measure(headers)
    good = ledger.measure(decided)
    reading.numbers.take(batch)
    became = {"passed": good, "rejected": broken, "skipped": repeated}
    came = (good[0] + broken[0] + repeated[0], good[1] + broken[1] + repeated[1])
    tagged = decided.with_columns(
        pl.lit(file.file_no).alias("file_no"), pl.col("outcome").replace("accepted", "passed").alias("outcome")
    )
    reading.lines = ledger.add(
        [
            *reading.lines,
            ledger.line(file.file_no, hop="read", came=came, became=became),
            *ledger.lines_by_outcome(tagged, hop="standardize"),
        ]
    )
    reading.skipped.update(skip_reasons(decided))


class _Accounts:
    """Which user an account belongs to: what is published, then what this run's own files say."""

    def __init__(self, known: pl.DataFrame) -> None:
        self._known = known.select("account_source", "account_id", "user_id")

    def learn(self, table: str, accepted: pl.DataFrame) -> None:
        """Take accepted rows into account when they are user accounts."""
        if table == "user_accounts":
            news = accepted.select(self._known.columns)
            self._known = pl.concat([self._known, news]).unique(["account_source", "account_id"], keep="last")

    def of(self, source: str) -> pl.DataFrame:
        """`account_id`, `user_id` of a source's accounts."""
        return self._known.filter(pl.col("account_source") == source).select("account_id", "user_id")


def _like_their_first(files: Sequence[LandedFile], readings: dict[int, _Reading]) -> list[LandedFile]:
    """Files that repeat another file of this run have that file's records."""
    return [_like(file, readings) if file.same_as is not None else file for file in files]


def _like(file: LandedFile, readings: dict[int, _Reading]) -> LandedFile:
    first = readings.get(file.same_as) if file.same_as is not None else None
    if first is None:
        return hold(file, "repeats a file of this run that is held", records=1)
    came = [line for line in first.lines if line.hop == "read"]
    return replace(file, records=sum(x.records_in for x in came), fp=str(sum(int(x.fp_in) for x in came)))


def _report(run: Run, files: Sequence[LandedFile], readings: dict[int, _Reading], seconds: float) -> StepResult:
    """Save the lines of the hops `read` (or `replay`) and `standardize`, those of files that were not read included."""
    unread = [_unread(file) for file in files if file.status in ("duplicate", "held")]
    lines = [line for reading in readings.values() for line in reading.lines]
    read_lines = [line for line in lines if line.hop in ("read", "replay")] + unread
    ledger.save(run.staging, "read", read_lines)
    ledger.save(run.staging, "standardize", [line for line in lines if line.hop == "standardize"])
    rows: Counter[str] = Counter()
    for line in lines:
        if line.hop == "standardize":
            rows[files[line.file_no].table] += line.records["passed"]
    notes = tuple(
        f"{files[number].name}: {count} skipped: {reason}"
        for number, reading in readings.items()
        for reason, count in sorted(reading.skipped.items())
    )
    whole = ledger.tally(lines)
    came = ledger.tally(read_lines)
    counts = replace(
        whole,
        records_in=came.records_in,
        passed=sum(rows.values()),
        held=came.held,
        duplicate=came.duplicate,
    )
    return StepResult(tally=counts, seconds=seconds, rows=dict(rows), notes=notes)


def _unread(file: LandedFile) -> ledger.Line:
    whole = (file.records, int(file.fp))
    return ledger.line(file.file_no, hop="read", came=whole, became={file.status: whole})
