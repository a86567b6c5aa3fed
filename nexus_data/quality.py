"""The day's data quality as plain numbers, for plots over runs. The mart `data_quality_daily` has them exactly."""

from datetime import date
from pathlib import Path

import polars as pl

MART = "data_quality_daily"
_SHARES = {
    "completeness": ("filled", "places"),
    "validity": ("valid", "judged"),
    "uniqueness": ("kept", "seen"),
    "consistency": ("consistent", "compared"),
    "timeliness_days": ("age_days", "dated"),
}
_MOST_SOURCES = 20


def measures(mart: Path, *, day: date) -> dict[str, float]:
    """The measures of the files that arrived on a day: of all of them, and NAME/SOURCE of each of the busiest sources.

    mart: rows of the mart, as an Arrow file. What nothing arrived for, or has nothing to share, is left out.
    """
    rows = pl.read_ipc(mart).filter(pl.col("date") == day)
    judged = pl.col("records") - pl.col("held") - pl.col("skipped")
    kept = pl.col("published") + pl.col("superseded")
    counts = rows.with_columns(
        judged=judged,
        valid=judged - pl.col("rejected"),
        kept=kept,
        seen=kept + pl.col("duplicate"),
        consistent=pl.col("compared") - pl.col("inconsistent"),
    ).select("source", "records", *dict.fromkeys(name for pair in _SHARES.values() for name in pair))
    whole = counts.select(pl.exclude("source").sum())
    by_source = counts.group_by("source").sum().sort("records", "source", descending=[True, False]).head(_MOST_SOURCES)
    told = _shares(whole.row(0, named=True), "")
    for row in by_source.iter_rows(named=True):
        told |= _shares(row, f"/{row['source']}")
    return told


def _shares(row: dict[str, int], suffix: str) -> dict[str, float]:
    return {f"{name}{suffix}": round(row[of] / row[all_], 6) for name, (of, all_) in _SHARES.items() if row[all_]}
