"""Working on some rows of a column and putting the result back in place. Knows no rules and no fields."""

from collections.abc import Mapping

import polars as pl


def expand(part: pl.Series, *, rows: pl.Series) -> pl.Series:
    """`part` has one value for each true in `rows`; the result has them in those places, and null elsewhere."""
    return nulls(part.dtype, rows.len()).scatter(rows.arg_true(), part)


def fill(base: pl.Series, part: pl.Series, *, rows: pl.Series) -> pl.Series:
    """`base` with the values of `part` in the places where `rows` is true."""
    return part if part.len() == base.len() else base.clone().scatter(rows.arg_true(), part)


def flags(part: pl.Series, *, rows: pl.Series) -> pl.Series:
    """Like `expand` for Booleans: false elsewhere."""
    if part.len() == rows.len():
        return part
    none = pl.repeat(value=False, n=rows.len(), dtype=pl.Boolean, eager=True)
    return none.scatter(rows.arg_true().filter(part), values=True) if part.any() else none


def unsettled(text: pl.Series, value: pl.Series) -> pl.Series:
    """The rows that have a text, but no value yet."""
    return text.is_not_null() & value.is_null()


def empty(like: pl.Series) -> pl.Series:
    """Nulls of the same type and length."""
    return like.clear(like.len())


def nulls(dtype: pl.DataType, length: int) -> pl.Series:
    """So many nulls of a type."""
    return pl.Series([None], dtype=dtype).new_from_index(0, length)


def merged(*found: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
    """The rows that broke each rule, from several judgements of the same rows."""
    result: dict[str, pl.Series] = {}
    for broken in found:
        for code, rows in broken.items():
            result[code] = result[code] | rows if code in result else rows
    return result


def any_of(broken: Mapping[str, pl.Series], *, like: pl.Series) -> pl.Series:
    """The rows that broke any rule."""
    result = pl.repeat(value=False, n=like.len(), dtype=pl.Boolean, eager=True)
    for rows in broken.values():
        result = result | rows
    return result
