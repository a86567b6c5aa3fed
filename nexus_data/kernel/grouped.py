"""The outcome of records that are part of another one. Who is part of whom is decided in `nexus_data.grouping`."""

import polars as pl

from nexus_data.contract.columns import CODE, LEAD, PART

GROUP_REJECTED = "GROUP_REJECTED"


def as_grouped(body: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """`body` (one row a record) with `outcome` and `reasons` of the records that grouping has decided.

    A part of a record is skipped with it, and rejected with it; a record with a code is rejected for it.
    """
    decided = records.select("record_no", LEAD, PART, CODE).with_columns(body["outcome"], body["reasons"])
    code, lead = pl.col(CODE), pl.col(LEAD)
    coded = decided.with_columns(
        outcome=pl.when(code.is_not_null()).then(pl.lit("rejected")).otherwise("outcome"),
        reasons=pl.when(code.is_not_null()).then(code).otherwise("reasons"),
    )
    leads = coded.select(pl.col("record_no").alias(LEAD), pl.col("outcome").alias("lead"))
    joined = coded.join(leads, on=LEAD, how="left", maintain_order="left")
    lost = pl.col("lead").is_null() | (pl.col("lead") == "rejected")
    part = lead.is_not_null() & code.is_null()
    outcome = pl.when(part & lost).then(pl.lit("rejected")).when(part).then(pl.lit("skipped")).otherwise("outcome")
    reason = pl.when(part & lost).then(pl.lit(GROUP_REJECTED)).when(part).then(pl.col(PART)).otherwise("reasons")
    told = joined.select(outcome.alias("outcome"), reason.alias("reasons"))
    return body.with_columns(told["outcome"], told["reasons"])
