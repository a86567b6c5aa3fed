"""JSON columns: text that is valid JSON is kept as it is; nothing else passes."""

import polars as pl

from nexus_data.kernel.model import Reading

_NUL = r"(?:^|[^\\])(?:\\\\)*\\u0000"
"""An escaped NUL is JSON, but no text that a database keeps."""


def read_json(text: pl.Series) -> Reading:
    """The text itself, or UNPARSABLE."""
    column = pl.col("t")
    valid = (column == "null") | column.str.json_path_match("$").is_not_null()
    broken = text.to_frame("t").select(column.is_not_null() & (~valid | column.str.contains(_NUL))).to_series()
    return Reading(text.to_frame("t").select(pl.when(valid).then("t")).to_series(), {"UNPARSABLE": broken})
