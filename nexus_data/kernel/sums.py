"""Exact sums of numbers that stand in several columns or records, given back as text in the style they were read in.

A sum with a number that cannot be read, or that is too long to be added safely, becomes a text that no style reads.
"""

import operator
from collections.abc import Sequence
from functools import reduce

import polars as pl

from nexus_data.contract.model import Numbers
from nexus_data.kernel.numbers import DIGITS, LAST, read_number
from nexus_data.kernel.rows import unsettled
from nexus_data.kernel.text import none_if_empty

_SCALE = 18
_LIMIT = 10**15
"""As many addends as a group can have stay below 20 digits, which is what the scale leaves."""

_PLUS = " + "
_THREE_PLACES = r"\.[0-9]{3}$"
_NUMBER = pl.Decimal(DIGITS, _SCALE)


def addends(text: pl.Series, *, style: Numbers) -> pl.Series:
    """Decimal(38, 18) of each text; null where it is empty, no number or of more than 15 whole digits."""
    value = read_number(text, style=style, scale=_SCALE).value
    return value.to_frame("v").select(pl.when(pl.col("v").abs() < _LIMIT).then("v")).to_series()


def written(total: pl.Expr, *, style: Numbers) -> pl.Expr:
    """A sum as plain digits with the style's decimal mark, never with three places where these could be thousands."""
    text = total.cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")
    if style.decimal == LAST:
        return pl.when(text.str.contains(_THREE_PLACES)).then(text + "0").otherwise(text)
    return text.str.replace(".", style.decimal, literal=True)


def row_sums(raw: pl.DataFrame, *, columns: Sequence[str], style: Numbers) -> pl.Series:
    """The sum of each row's columns, less those named `-COLUMN`: empty ones are zero, only empty ones give null."""
    names = [name.removeprefix("-") for name in columns]
    texts = [raw[name] for name in names]
    values = [addends(text, style=style) for text in texts]
    broken = reduce(operator.or_, (unsettled(text, value) for text, value in zip(texts, values, strict=True)))
    signed = [_signed(value, minus=name.startswith("-")) for value, name in zip(values, columns, strict=True)]
    frame = raw.select(names).with_columns(total=reduce(operator.add, signed), broken=broken)
    there = pl.any_horizontal(pl.col(names).is_not_null())
    shown = pl.concat_str(names, separator=_PLUS, ignore_nulls=True) + _PLUS
    text = pl.when("broken").then(shown).when(there).then(written(pl.col("total"), style=style))
    return frame.select(text.alias("sum")).to_series()


def _signed(value: pl.Series, *, minus: bool) -> pl.Series:
    filled = value.fill_null(0)
    return filled.to_frame("v").select(-pl.col("v")).to_series() if minus else filled


def leg_sums(texts: pl.DataFrame, *, by: str, columns: Sequence[str], style: Numbers) -> pl.DataFrame:
    """The sum of each column over the rows of each `by`."""
    aggregates = [_leg_sum(name, style) for name in columns]
    values = [addends(texts[name], style=style).alias(f"sum|{name}") for name in columns]
    return texts.with_columns(values).group_by(by, maintain_order=True).agg(aggregates)


def _leg_sum(name: str, style: Numbers) -> pl.Expr:
    text, value = pl.col(name), pl.col(f"sum|{name}")
    broken = (text.is_not_null() & value.is_null()).any()
    shown = text.drop_nulls().str.join(_PLUS) + _PLUS
    total = pl.when(value.is_not_null().any()).then(value.sum()).cast(_NUMBER)
    return none_if_empty(pl.when(broken).then(shown).otherwise(written(total, style=style))).alias(name)
