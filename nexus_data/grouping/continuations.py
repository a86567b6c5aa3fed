"""Rows that go on with the row before them: what they are part of, and the texts joined."""

import polars as pl

from nexus_data.contract.columns import CODE, LEAD, PART, WHOLE
from nexus_data.contract.model import Continuation, Numbers
from nexus_data.grouping.forms import INCOMPLETE
from nexus_data.kernel.kinds import holds
from nexus_data.kernel.text import none_if_empty

HEAD = "head|"


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
        pl.when(part).then(pl.concat_str(pl.lit("continues record "), HEAD)).alias(PART),
        pl.when(lost).then(pl.lit(INCOMPLETE)).alias(CODE),
    ).drop("goes on", "adjoins")


def _placed(cleaned: pl.DataFrame, continuation: Continuation, numbers: Numbers) -> pl.DataFrame:
    """Whether each record goes on with another, which that is, and whether nothing stands between them."""
    goes_on = cleaned.select("record_no", holds(continuation.when, numbers=numbers).alias("goes on"))
    heads = goes_on.with_columns(pl.when(~pl.col("goes on")).then("record_no").forward_fill().alias(HEAD))
    near = pl.col("record_no") - pl.col(HEAD) == pl.int_range(pl.len()).over(HEAD)
    return heads.select("goes on", HEAD, (pl.col(HEAD).is_not_null() & near).alias("adjoins"))
