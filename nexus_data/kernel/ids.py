"""Texts by which records are known, which must be as the source wrote them."""

import polars as pl

from nexus_data.kernel.model import Reading

_RUINED = r"^[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{1,3}$"
"""A long number that went through a spreadsheet; several ids become one such text, so that it names none of them."""


def read_id(text: pl.Series) -> Reading:
    """The text itself, or RUINED_ID."""
    if not text.str.contains("+", literal=True).any():
        return Reading(text)
    ruined = text.str.contains(_RUINED).fill_null(value=False)
    return Reading(text.to_frame("t").select(pl.when(~ruined).then("t")).to_series(), {"RUINED_ID": ruined})
