"""Rows that go on with the row before them: what they are part of, and the texts joined."""

import polars as pl

from nexus_data.contract.columns import CODE, LEAD, PART, WHOLE
from nexus_data.contract.model import Continuation, Numbers
from nexus_data.grouping.forms import INCOMPLETE
from nexus_data.kernel.kinds import holds
from nexus_data.kernel.text import none_if_empty

HEAD = "head|"
_MOST = 10_000
"""As many records may go on with one, for what is held in memory to be bounded."""


def joined(cleaned: pl.DataFrame, *, continuation: Continuation, numbers: Numbers) -> pl.DataFrame:
    """The records (in order, cleaned) with `whole:COLUMN`, lead, part and code, and `head|`, the record they belong to.

    A continuation without a record right before it has a code.
    """
    frame = cleaned.with_columns(_placed(cleaned, continuation, numbers))
    part, lost = pl.col("goes on") & pl.col("adjoins"), pl.col("goes on") & ~pl.col("adjoins")
    frame = frame.with_columns(pl.when(lost).then("record_no").otherwise(HEAD).alias(HEAD))
    texts = ((name, pl.col(name).fill_null("").str.join("").over(HEAD)) for name in continuation.columns)
    return frame.with_columns(
        *(none_if_empty(text).alias(WHOLE + name) for name, text in texts),
        pl.when(part).then(HEAD).alias(LEAD),
        pl.when(part).then(pl.concat_str(pl.lit(_reason(continuation)), HEAD)).alias(PART),
        pl.when(lost).then(pl.lit(INCOMPLETE)).alias(CODE),
    ).drop("goes on", "adjoins")


def _reason(continuation: Continuation) -> str:
    return "continues record " if continuation.columns else "part of record "


def _placed(cleaned: pl.DataFrame, continuation: Continuation, numbers: Numbers) -> pl.DataFrame:
    """Whether each record goes on with another, which that is, and whether nothing stands between them."""
    goes_on = cleaned.select(
        "record_no",
        holds(continuation.when, numbers=numbers).alias("goes on"),
        holds(continuation.of, numbers=numbers).alias("leads"),
    )
    if continuation.of:
        goes_on = _behind_a_lead(goes_on)
    heads = goes_on.with_columns(pl.when(~pl.col("goes on")).then("record_no").forward_fill().alias(HEAD))
    place = pl.int_range(pl.len()).over(HEAD)
    near = (pl.col("record_no") - pl.col(HEAD) == place) & (place <= _MOST)
    return heads.select("goes on", HEAD, (pl.col(HEAD).is_not_null() & near).alias("adjoins"))


def _behind_a_lead(goes_on: pl.DataFrame) -> pl.DataFrame:
    """Only what stands right behind a lead, or behind what goes on with one, goes on with it."""
    candidate = pl.col("goes on") & ~pl.col("leads")
    adjoining = (pl.col("record_no") - pl.col("record_no").shift() == 1).fill_null(value=False)
    run = (~(candidate & adjoining)).cum_sum()
    near = pl.int_range(pl.len()).over(run) <= _MOST
    follows = candidate & pl.col("leads").first().over(run) & near
    return goes_on.with_columns(follows.alias("goes on"))
