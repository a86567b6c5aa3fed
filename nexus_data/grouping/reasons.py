"""Reasons to skip a record, as they are counted: which record it is part of makes no difference there."""

from collections import Counter

import polars as pl


def skip_reasons(decided: pl.DataFrame) -> Counter[str]:
    """How many of the kernel's records were skipped for each reason."""
    reasons = decided.filter(pl.col("outcome") == "skipped")["reasons"]
    alike = reasons.str.replace(r"^(part of|continues) record [0-9]+$", "$1 another record")
    return Counter(dict(alike.value_counts().iter_rows()))
