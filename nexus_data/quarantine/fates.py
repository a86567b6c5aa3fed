"""What becomes of the records that a run takes out of quarantine: noted by the steps on the way, settled at its end.

A record that is rejected again by the same rules has not left: its row stays as it is. By other rules: its row is
resolved, and another one says which. A correction is kept when its record's row is resolved, for then it made a
difference. A run that resolves nothing publishes nothing.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from nexus_data.landing import LandedFile, load_files
from nexus_data.quarantine.requeue import author, corrected, file_texts, is_replay, queued
from nexus_data.runs import Run
from nexus_data.staging import read_rejected

_FATES = pl.Schema({"file_no": pl.Int64(), "record_no": pl.Int64(), "resolution": pl.String()})
_NOTHING = "nothing-resolved"
_NO_FILE = -1


def note(staging: Path, records: pl.DataFrame, *, resolution: str | None = None) -> None:
    """Remember where replayed records went: `file_no`, `record_no`, and `outcome` unless all went to `resolution`."""
    went = pl.col("outcome").replace("passed", "published") if resolution is None else pl.lit(resolution)
    folder = staging / "fates"
    folder.mkdir(exist_ok=True)
    number = len(list(folder.iterdir()))
    records.select("file_no", "record_no", went.alias("resolution")).cast(_FATES).write_parquet(
        folder / f"{number:06d}.parquet"
    )


def settle(run: Run) -> None:
    """Once the last record is decided: find out whether this run, being a replay, changes anything."""
    if is_replay(run) and not resolved(run).height:
        (run.staging / _NOTHING).touch()


def changes_nothing(run: Run) -> bool:
    """Whether this run is a replay after which every record is where it was: then there is nothing to publish."""
    return (run.staging / _NOTHING).exists()


def resolved(run: Run) -> pl.DataFrame:
    """The rows of quarantine that this run resolves: `file_no`, `record_no`, `generation` (theirs), `resolution`."""
    files = _replayed(run)
    left = [pl.read_parquet(path, glob=False) for path in sorted((run.staging / "fates").glob("*.parquet"))]
    again = _rejected(run, files).filter(~pl.col("same")).select("file_no", "record_no", resolution=pl.lit("rejected"))
    fates = pl.concat([_FATES.to_frame(), *left, again])
    return (
        _queued(run, files)
        .join(fates, on=["file_no", "record_no"], how="inner")
        .select("file_no", "record_no", "generation", "resolution")
    )


def unmoved(run: Run) -> pl.DataFrame:
    """The records that were rejected again by the same rules: `file_no`, `record_no`."""
    return _rejected(run, _replayed(run)).filter("same").select("file_no", "record_no")


def corrections(run: Run) -> pl.DataFrame:
    """The corrections that this run keeps: `file_no`, `record_no`, `field`, `old_text`, `new_text`; who, why, when."""
    by = author(run.staging)
    parts = [] if by is None else [_corrections(run, file.file_no) for file in _replayed(run)]
    if by is None or not parts:
        return pl.DataFrame()
    moved = pl.concat(parts).join(resolved(run), on=["file_no", "record_no"], how="semi")
    return moved.with_columns(
        made_by=pl.lit(by.made_by), reason=pl.lit(by.reason), made_at=pl.lit(by.made_at).cast(pl.Datetime("us", "UTC"))
    )


def _corrections(run: Run, number: int) -> pl.DataFrame:
    fresh = corrected(run.staging, number).filter("fresh")
    found = fresh.join(file_texts(run.staging, number), on=["record_no", "field"], how="inner")
    told = found.select(
        pl.lit(number, dtype=pl.Int64).alias("file_no"),
        "record_no",
        "field",
        pl.coalesce("before", "file_text").alias("old_text"),
        "new_text",
    )
    return told.filter(pl.col("old_text").ne_missing(pl.col("new_text")))


def _replayed(run: Run) -> list[LandedFile]:
    return [file for file in load_files(run) if file.replayed and file.status == "new"]


def _queued(run: Run, files: Sequence[LandedFile]) -> pl.DataFrame:
    """The records taken out, without their texts."""
    columns = ("record_no", "hop", "rules", "generation")
    numbers = [_NO_FILE, *(file.file_no for file in files)]
    parts = [
        queued(run.staging, number).select(pl.lit(number, dtype=pl.Int64).alias("file_no"), *columns).collect()
        for number in numbers
    ]
    return pl.concat(parts)


def _rejected(run: Run, files: Sequence[LandedFile]) -> pl.DataFrame:
    """Records of these files that were rejected again, and whether it was by the same rules on the same hop."""
    numbers = [file.file_no for file in files]
    now = pl.concat([read_rejected(run.staging / late, files=numbers) for late in ("", "late")])
    before = _queued(run, files).select("file_no", "record_no", was_hop="hop", was_rules="rules")
    both = now.join(before, on=["file_no", "record_no"], how="inner")
    same = (pl.col("rules") == pl.col("was_rules")) & (pl.col("hop") == pl.col("was_hop"))
    return both.select("file_no", "record_no", same=same)
