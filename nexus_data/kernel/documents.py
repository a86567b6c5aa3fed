"""JSON columns: text that is valid JSON is kept as it is; nothing else passes."""

import polars as pl

from nexus_data.kernel.model import Reading
from nexus_data.kernel.rows import empty

_NUL = r"(?:^|[^\\])(?:\\\\)*\\u0000"
"""An escaped NUL is JSON, but no text that a database keeps."""


def read_json(text: pl.Series) -> Reading:
    """The text itself, or UNPARSABLE."""
    column = pl.col("t")
    json = (column == "null") | column.str.json_path_match("$").is_not_null()
    valid = text.to_frame("t").select(json & ~column.str.contains(_NUL)).to_series()
    return Reading(
        text.zip_with(valid.fill_null(value=False), empty(text)), {"UNPARSABLE": ~valid.fill_null(value=True)}
    )
