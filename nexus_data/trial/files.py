"""A small file judged whole: its contract is found as a run finds it, every format and grouping included."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from nexus_data import kernel
from nexus_data.contract.load import Source
from nexus_data.contract.match import Match, Unmatched, match
from nexus_data.errors import BusyError, FileError, QuestionError
from nexus_data.readers.batch import Batch
from nexus_data.readers.read import read
from nexus_data.trial.judging import as_json, columns, facts
from nexus_data.trial.outcome import Judged, Refused, Skipped, raw_row
from nexus_data.trial.recipes import chosen, compiled

MOST_RECORDS = 10_000
_BATCH_BYTES = 256 * 1024
_MOST_EXPANDED = 16 * 1024**2
_SECONDS = 10.0


def judge_file(content: bytes, *, name: str, contract: str | None, owner: str) -> tuple[Source, Judged]:
    """What becomes of the records of a file of that name, and the contract that read it.

    QuestionError when no contract reads it, it cannot be read to its end, or has too many records; BusyError when it
    takes too long.
    """
    with tempfile.TemporaryDirectory(prefix="nexus-trial-") as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        try:
            found = match(path, chosen(contract), landed_as=name, source=None, max_expanded_bytes=_MOST_EXPANDED)
            if isinstance(found, Unmatched):
                raise QuestionError(f"{name}: {found.reason}")
            return found.source, _judged(path, found, owner=owner)
        except FileError as error:
            raise QuestionError(str(error).replace(str(path), name)) from error


def _judged(path: Path, found: Match, *, owner: str) -> Judged:
    given = facts(found.source.source, path_groups=found.path_groups)
    judged = Judged(rows=[], refused=[], skipped=[], filled={})
    for batch in _bounded(read(path, found.layout, batch_bytes=_BATCH_BYTES, max_expanded_bytes=_MOST_EXPANDED)):
        decided = kernel.standardize(batch.records, kernel=compiled(found.source.name), facts=given)
        _add(judged, batch, decided.with_columns(pl.lit(owner).alias("owner")), found.source)
    return judged


def _bounded(batches: Iterator[Batch]) -> Iterator[Batch]:
    deadline, records = time.monotonic() + _SECONDS, 0
    for batch in batches:
        records += batch.records.height + batch.broken.height
        if records > MOST_RECORDS:
            raise QuestionError(f"the file has more than {MOST_RECORDS} records; land it, or send a part of it")
        if time.monotonic() > deadline:
            raise BusyError(f"the file was not read within {_SECONDS:g} s; try again in a moment, or land it")
        yield batch


def _add(judged: Judged, batch: Batch, decided: pl.DataFrame, source: Source) -> None:
    table = compiled(source.name).table
    accepted = decided.filter(pl.col("outcome") == "accepted")
    judged.rows += map(raw_row, as_json(accepted, table=table))
    for field in columns(table):
        judged.filled[field.name] = judged.filled.get(field.name, 0) + accepted[field.name].count()
    skipped = decided.filter(pl.col("outcome") == "skipped").select("record_no", "reasons")
    judged.skipped += [Skipped(number, reason) for number, reason in skipped.iter_rows()]
    judged.skipped += [Skipped(number, "repeats the header") for number in batch.repeated]
    judged.refused += _refused(batch, decided)


def _refused(batch: Batch, decided: pl.DataFrame) -> list[Refused]:
    rejected = decided.filter(pl.col("outcome") == "rejected").select("record_no", rules="reasons")
    placed = rejected.join(batch.locate(rejected["record_no"]), on="record_no", how="left")
    names = ("record_no", "line", "rules", "raw")
    broken = batch.broken.rename({"code": "rules"})
    return [Refused(*row) for part in (placed, broken) for row in part.select(names).iter_rows()]
