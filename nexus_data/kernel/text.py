"""From raw columns to one text a field: origin, null, extract, replace, map, prefix, case. No meaning is known."""

from collections.abc import Mapping, Sequence

import polars as pl

from nexus_data.contract.columns import candidates
from nexus_data.contract.model import FieldSpec, Numbers, SignOf
from nexus_data.errors import ContractError
from nexus_data.kernel.numbers import sign_of

PATH = "path|"
"""Prefix of the columns that hold groups of the landed path; no variant may have such a name."""


def none_if_empty(text: pl.Expr) -> pl.Expr:
    """Null instead of an empty text."""
    return pl.when(text != "").then(text)


def fold(texts: Sequence[str]) -> pl.Series:
    """Texts as they are compared: without outer white space and without case."""
    return pl.Series(list(texts), dtype=pl.String).str.strip_chars().str.to_lowercase()


def sum_name(columns: Sequence[str], numbers: Numbers) -> str:
    """The column that holds the sum of these, read in that style."""
    style = (numbers.decimal, numbers.thousands, str(numbers.accounting), str(numbers.signs), str(numbers.powers))
    return "|".join(("sum", *columns, *style))


def field_text(spec: FieldSpec, *, numbers: Numbers) -> tuple[pl.Expr, dict[str, pl.Expr]]:
    """The text of a field over cleaned raw columns, and the rules that it may break on the way, by code."""
    text, broken = _origin(spec, numbers)
    if spec.null:
        text = pl.when(~text.str.to_lowercase().is_in(fold(spec.null).implode())).then(text)
    if spec.extract is not None:
        text = none_if_empty(text.str.extract(spec.extract, 1).str.strip_chars())
    if spec.replace:
        text = text.str.replace_many(list(spec.replace), list(spec.replace.values()), ascii_case_insensitive=True)
        text = none_if_empty(text.str.strip_chars())
    if spec.map:
        text, unknown = _mapped(text, spec)
        broken |= unknown
    if spec.prefix:
        text = pl.lit(spec.prefix) + text
    return _cased(text, spec.case), broken


def _origin(spec: FieldSpec, numbers: Numbers) -> tuple[pl.Expr, dict[str, pl.Expr]]:
    if spec.by_sign is not None:
        return _by_sign(spec.by_sign, numbers)
    if spec.column is not None:
        return pl.coalesce(candidates(spec.column)), {}
    if spec.columns:
        return none_if_empty(pl.concat_str(spec.columns, separator=spec.join, ignore_nulls=True)), {}
    if spec.sum:
        return pl.col(sum_name(spec.sum, numbers)), {}
    if spec.path is not None:
        return pl.col(PATH + spec.path), {}
    return pl.lit(spec.value or None, dtype=pl.String), {}


def _by_sign(spec: SignOf, numbers: Numbers) -> tuple[pl.Expr, dict[str, pl.Expr]]:
    column = pl.col(sum_name(spec.sum, numbers) if spec.sum else spec.column)
    sign = sign_of(column, style=numbers)
    zero = pl.lit(spec.zero, dtype=pl.String)
    text = (
        pl.when(sign > 0)
        .then(pl.lit(spec.positive))
        .when(sign < 0)
        .then(pl.lit(spec.negative))
        .when(column.is_null() | (sign == 0))
        .then(zero)
    )
    return none_if_empty(text), {"UNPARSABLE": column.is_not_null() & sign.is_null()}


def _mapped(text: pl.Expr, spec: FieldSpec) -> tuple[pl.Expr, dict[str, pl.Expr]]:
    known = lookup(spec.map, what="map")
    source = text.fill_null("") if "" in known else text
    mapped = source.str.to_lowercase().replace_strict(
        list(known), list(known.values()), default=None, return_dtype=pl.String
    )
    if spec.otherwise == "reject":
        return none_if_empty(mapped), {"UNKNOWN_VALUE": text.is_not_null() & mapped.is_null()}
    return none_if_empty(pl.coalesce(mapped, text) if spec.otherwise == "keep" else mapped), {}


def lookup(pairs: Mapping[str, str], *, what: str) -> dict[str, str]:
    """The map with its texts folded; ContractError when two texts that compare equal mean different things."""
    known: dict[str, str] = {}
    for key, value in zip(fold(list(pairs)).to_list(), pairs.values(), strict=True):
        if known.setdefault(key, value) != value:
            raise ContractError(f"{what}: {key!r} stands for both {known[key]!r} and {value!r}")
    return known


def _cased(text: pl.Expr, case: str) -> pl.Expr:
    if case == "upper":
        return text.str.to_uppercase()
    return text.str.to_lowercase() if case == "lower" else text
