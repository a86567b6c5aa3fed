"""Typed values to the one exact text that stands for them."""

import datetime as dt
import json
from decimal import Decimal

import polars as pl

from nexus_data.readers.encodings import shown


def number_text(value: float) -> str:
    """The shortest decimal text that reads back as the same float: no exponent, no ".0"; nan and inf as they are."""
    if value != value or value in (float("inf"), float("-inf")):
        return repr(value)
    text = format(Decimal(repr(value)), "f")
    return text.removesuffix(".0")


def texts(column: pl.Series) -> pl.Series:
    """A typed column as text: nulls empty, times in ISO 8601 (those with a zone in UTC), nested values as JSON."""
    return _texts(column).fill_null("").alias(column.name)


def _texts(column: pl.Series) -> pl.Series:
    kind = column.dtype
    if isinstance(kind, (pl.Float32, pl.Float64)):
        return _floats(column)
    if isinstance(kind, pl.Datetime):
        return _instants(column, kind)
    if isinstance(kind, pl.Date):
        return column.dt.to_string("%Y-%m-%d")
    if isinstance(kind, pl.Time):
        return column.dt.to_string("%H:%M:%S%.f")
    if isinstance(kind, pl.Binary):
        return column.map_elements(lambda raw: shown(raw, transcoded=False), return_dtype=pl.String())
    if kind.is_nested() or isinstance(kind, pl.Duration):
        return _nested(column)
    return column.cast(pl.String())


def _floats(column: pl.Series) -> pl.Series:
    """Polars writes the shortest text of a float, single or double; only its exponents have to go."""
    text = column.cast(pl.String()).str.strip_suffix(".0")
    if not text.str.contains("e", literal=True).any():
        return text
    return text.map_elements(lambda one: format(Decimal(one), "f") if "e" in one else one, return_dtype=pl.String())


def _instants(column: pl.Series, kind: pl.Datetime) -> pl.Series:
    if kind.time_zone is None:
        return column.dt.to_string("%Y-%m-%dT%H:%M:%S%.f")
    return column.dt.convert_time_zone("UTC").dt.to_string("%Y-%m-%dT%H:%M:%S%.f+00:00")


def _nested(column: pl.Series) -> pl.Series:
    values = [None if value is None else _json(value) for value in column.to_list()]
    return pl.Series(values, dtype=pl.String())


def _json(value: object) -> str:
    if isinstance(value, dt.timedelta):
        return str(value)
    return json.dumps(value, default=str, ensure_ascii=False, separators=(",", ":"))
