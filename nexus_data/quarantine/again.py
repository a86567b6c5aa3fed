"""Records of a replayed file through reader and kernel again; no other record of the file is judged, or counted."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from nexus_data import kernel, ledger
from nexus_data.errors import FileError, RunError
from nexus_data.landing import LandedFile
from nexus_data.quarantine import fates
from nexus_data.quarantine.correcting import Corrector, corrector
from nexus_data.quarantine.occurrences import renumbered
from nexus_data.quarantine.requeue import corrected, queued, save_file_texts
from nexus_data.readers.batch import Batch
from nexus_data.readers.layout import Layout
from nexus_data.readers.read import read
from nexus_data.runs import Run
from nexus_data.settings import Settings
from nexus_data.staging import REJECTED_SCHEMA, Stage

_TABLES = ("parquet", "xlsx")
_NUL, _NUL_IN_JSON = "\\x00", "\\u0000"


@dataclass(frozen=True, slots=True)
class Again:
    """Ledger lines of the hops `replay` and `standardize`, and why records were skipped."""

    lines: list[ledger.Line]
    skipped: Counter[str]


@dataclass(frozen=True, slots=True)
class _Part:
    """What a batch has of the queued records. here: those records, in order, as quarantine has them."""

    here: pl.DataFrame
    batch: Batch

    def of(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of a frame that are queued records, with the fingerprint that they have had all along."""
        prints = self.here.select("record_no", "row_fp")
        rest = frame.drop("row_fp", strict=False)
        found = rest.join(prints, on="record_no", how="inner", maintain_order="left")
        return found.select(frame.columns if "row_fp" in frame.columns else found.columns)


def read_again(
    run: Run,
    file: LandedFile,
    *,
    compiled: kernel.Kernel,
    facts: kernel.FileFacts,
    stage: Stage,
    accept: Callable[[pl.DataFrame], None],
) -> Again:
    """Judge the file's queued records anew, corrected where corrections say so; accepted rows go to `accept`.

    FileError when the contract now cuts the file into other records than quarantine knows.
    """
    layout = _layout(file)
    editor = corrector(corrected(run.staging, file.file_no), columns=layout.columns)
    lines: list[ledger.Line] = []
    skipped: Counter[str] = Counter()
    accepted: list[Path] = []
    for part in _parts(run, file, layout, editor):
        decided = _decided(part, layout, compiled, facts)
        lines = ledger.add([*lines, *_lines(file, part, decided)])
        stage.reject(_rejects(file, part, decided))
        skips = decided.filter(pl.col("outcome") == "skipped")
        skipped.update(dict(skips["reasons"].value_counts().iter_rows()))
        fates.note(run.staging, _passed_by(file, part, skips), resolution="skipped")
        accepted.append(_keep(run, file, decided, number=len(accepted)))
    save_file_texts(run.staging, file.file_no, editor.file_texts())
    for rows in renumbered(run, file, accepted, compiled=compiled, facts=facts):
        accept(rows)
    return Again(lines, skipped)


def _layout(file: LandedFile) -> Layout:
    if file.layout is None:
        raise RunError(f"{file.landed_as}: was recognised without a layout")
    return file.layout


def _parts(run: Run, file: LandedFile, layout: Layout, editor: Corrector) -> Iterator[_Part]:
    """The queued records, batch by batch; reading ends with the last of them."""
    waiting = queued(run.staging, file.file_no)
    left = int(waiting.select(pl.len()).collect().item())
    for batch in batches(run.settings, file, layout, editor):
        part = _part(batch, waiting)
        if part.here.height:
            _demand_same(file, layout, part)
            left -= part.here.height
            yield part
        if left == 0:
            return
    raise _other_records(file, "has fewer records")


def batches(settings: Settings, file: LandedFile, layout: Layout, editor: Corrector) -> Iterator[Batch]:
    """The kept file's batches, with the corrections in place."""
    sizes = {"batch_bytes": settings.batch_bytes, "max_expanded_bytes": settings.max_expanded_bytes}
    return read(Path(file.kept), layout, **sizes, edit=editor)


def _part(batch: Batch, waiting: pl.LazyFrame) -> _Part:
    numbers = pl.concat([batch.records["record_no"], batch.broken["record_no"], batch.repeated.cast(pl.Int64)])
    near = waiting.filter(pl.col("record_no").is_between(numbers.min() or 0, numbers.max() or 0)).collect()
    here = near.join(numbers.to_frame("record_no"), on="record_no", how="semi", maintain_order="left")
    return _Part(here.sort("record_no"), batch)


def _demand_same(file: LandedFile, layout: Layout, part: _Part) -> None:
    """Numbers in quarantine must still name the very records that were rejected, whatever the contract says now."""
    texts = part.batch.locate(part.here["record_no"]).select("record_no", now="raw")
    both = part.here.select("record_no", "raw").join(texts, on="record_no", how="left")
    differing = both.filter(pl.col("raw").ne_missing(pl.col("now").str.replace_all("\x00", _NUL, literal=True)))
    for record, raw, now in differing.iter_rows():
        if layout.kind not in _TABLES or _values(raw) != _values(now or ""):
            raise _other_records(file, f"has another record {record}")


def _values(raw: str) -> list[object] | str:
    """The row's values; its columns may have been renamed."""
    try:
        return list(json.loads(raw.replace(_NUL, _NUL_IN_JSON), parse_float=str).values())
    except ValueError:
        return raw


def _other_records(file: LandedFile, how: str) -> FileError:
    return FileError(
        f"{file.landed_as}: read by {file.source}/{file.dataset} as it is now, the file {how} than when records "
        "were rejected, so that their numbers mean others; they stay in quarantine. Take back what changed in [format]"
    )


def _decided(part: _Part, layout: Layout, compiled: kernel.Kernel, facts: kernel.FileFacts) -> pl.DataFrame:
    records = part.batch.records
    if layout.plan is None:
        records = records.join(part.here, on="record_no", how="semi", maintain_order="left")
    return part.of(kernel.standardize(records, kernel=compiled, facts=facts))


def _lines(file: LandedFile, part: _Part, decided: pl.DataFrame) -> list[ledger.Line]:
    became = {
        "passed": ledger.measure(decided),
        "rejected": ledger.measure(part.of(part.batch.broken)),
        "skipped": ledger.measure(part.of(part.batch.repeated.cast(pl.Int64).to_frame("record_no"))),
    }
    tagged = decided.with_columns(
        pl.lit(file.file_no).alias("file_no"), pl.col("outcome").replace("accepted", "passed").alias("outcome")
    )
    return [
        ledger.line(file.file_no, hop="replay", came=ledger.measure(part.here), became=became),
        *ledger.lines_by_outcome(tagged, hop="standardize"),
    ]


def _passed_by(file: LandedFile, part: _Part, skips: pl.DataFrame) -> pl.DataFrame:
    """Records that are none after all: skipped by a rule of the contract, or repeating the header."""
    none = pl.concat([skips.select("record_no"), part.batch.repeated.cast(pl.Int64).to_frame("record_no")])
    number = pl.lit(file.file_no, dtype=pl.Int64).alias("file_no")
    return part.here.join(none, on="record_no", how="semi").select(number, "record_no")


def _rejects(file: LandedFile, part: _Part, decided: pl.DataFrame) -> pl.DataFrame:
    """REJECTED_SCHEMA, with line and raw text as quarantine has them."""
    bad = decided.filter(pl.col("outcome") == "rejected")
    judged = bad.select("record_no", hop=pl.lit("standardize"), rules="reasons")
    broken = part.batch.broken.select("record_no", hop=pl.lit("read"), rules="code")
    told = part.here.select("record_no", "line", "raw", "row_fp")
    refused = pl.concat([judged, broken]).join(told, on="record_no", how="inner").sort("record_no")
    return refused.with_columns(pl.lit(file.file_no, dtype=pl.Int64).alias("file_no")).select(REJECTED_SCHEMA.names())


def _keep(run: Run, file: LandedFile, decided: pl.DataFrame, *, number: int) -> Path:
    folder = run.staging / "again" / f"{file.file_no:06d}"
    folder.mkdir(parents=True, exist_ok=True)
    rows = decided.filter(pl.col("outcome") == "accepted").drop("outcome", "reasons")
    path = folder / f"{number:06d}.parquet"
    rows.with_columns(pl.lit(file.file_no, dtype=pl.Int64).alias("file_no")).write_parquet(path, compression="lz4")
    return path
