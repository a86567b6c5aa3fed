"""Which records share a group: a key, and no gap wider than the contract's reach. What a group means is in `forms`."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from nexus_data.contract.model import Grouping, Numbers
from nexus_data.kernel.kinds import holds

RUN = "run|"
_KEY = "key|"
_SEPARATOR = "\u001f"
_SPAN = 10


@dataclass(frozen=True, slots=True)
class Runs:
    """frame: the cleaned records with `run|` (null: in no group). open: whose group may go on behind them.

    large: whose group is too large. going_on: the last record of each too large group that may go on, by key.
    """

    frame: pl.DataFrame
    open: pl.Series
    large: pl.Series
    going_on: dict[str, int]


def runs(
    cleaned: pl.DataFrame, *, group: Grouping, numbers: Numbers, seen: int | None, large: Mapping[str, int]
) -> Runs:
    """Divide records into groups.

    cleaned: `record_no` and the raw columns, null where empty. seen: the last record that was read; None at the end of
    the file. large: what an earlier call gave as `going_on`.
    """
    frame = _numbered(cleaned, group, numbers)
    spans = _spans(frame, group, seen, large)
    placed = frame.join(spans.select(RUN, "large", "waiting"), on=RUN, how="left", maintain_order="left")
    flags = placed.select(pl.col("large", "waiting").fill_null(value=False))
    ends = dict(spans.filter("large", "waiting").select(_KEY, "last").rows())
    return Runs(
        frame.drop(_KEY),
        flags["waiting"] & ~flags["large"],
        flags["large"],
        {**_still(large, seen, group), **ends},
    )


def _spans(frame: pl.DataFrame, group: Grouping, seen: int | None, large: Mapping[str, int]) -> pl.DataFrame:
    """Of each group its key and last record, and whether it is too large, and may go on."""
    number = pl.col("record_no")
    spans = frame.drop_nulls(RUN).group_by(RUN).agg(pl.col(_KEY).first(), first=number.min(), last=number.max())
    before = pl.col(_KEY).replace_strict(dict(large), default=None, return_dtype=pl.Int64)
    goes_on = (pl.col("first") - before <= group.reach).fill_null(value=False)
    wide = pl.col("last") - pl.col("first") >= _SPAN * group.reach
    waiting = pl.lit(value=False) if seen is None else pl.col("last") + group.reach > seen
    return spans.select(RUN, _KEY, "last", large=wide | goes_on, waiting=waiting)


def _numbered(cleaned: pl.DataFrame, group: Grouping, numbers: Numbers) -> pl.DataFrame:
    key = pl.concat_str(group.key, separator=_SEPARATOR)
    keyed = cleaned.with_columns(pl.when(holds(group.when, numbers=numbers)).then(key).alias(_KEY))
    taking = keyed.drop_nulls(_KEY).sort(_KEY, "record_no").select("record_no", _KEY)
    gap = pl.col("record_no") - pl.col("record_no").shift() > group.reach
    begins = (pl.col(_KEY) != pl.col(_KEY).shift()) | gap
    found = taking.select("record_no", begins.fill_null(value=True).cum_sum().cast(pl.Int64).alias(RUN))
    return keyed.join(found, on="record_no", how="left", maintain_order="left")


def _still(large: Mapping[str, int], seen: int | None, group: Grouping) -> dict[str, int]:
    """Groups that are too large and may still go on, though they did not in these records."""
    return {} if seen is None else {key: last for key, last in large.items() if last + group.reach > seen}
