"""What a record is: conditions on cleaned raw columns. What follows from it is in the contract's kinds."""

import polars as pl

from nexus_data.contract.model import Condition, Numbers
from nexus_data.kernel.numbers import sign_of
from nexus_data.kernel.text import fold

_SIGNS = {"positive": 1, "zero": 0, "negative": -1}


def holds(conditions: tuple[Condition, ...], *, numbers: Numbers) -> pl.Expr:
    """True where every condition holds; never null."""
    if not conditions:
        return pl.lit(value=True)
    return pl.all_horizontal([_holds(condition, numbers) for condition in conditions])


def _holds(condition: Condition, numbers: Numbers) -> pl.Expr:
    raw = pl.col(condition.column)
    text = raw.fill_null("")
    tests: list[pl.Expr] = []
    if condition.equals is not None:
        tests.append(text.str.to_lowercase().is_in(fold(condition.equals).implode()))
    if condition.prefix is not None:
        tests.append(pl.any_horizontal([text.str.to_lowercase().str.starts_with(p.lower()) for p in condition.prefix]))
    if condition.matches is not None:
        tests.append(text.str.contains(condition.matches))
    if condition.empty is not None:
        tests.append(raw.is_null() if condition.empty else raw.is_not_null())
    if condition.sign is not None:
        tests.append((sign_of(raw, style=numbers) == _SIGNS[condition.sign]).fill_null(value=False))
    return pl.all_horizontal(tests) if tests else pl.lit(value=True)
