"""Exact sums of decimals: Python rounds to 28 digits unless told otherwise, and an amount alone may have 33."""

from collections.abc import Iterable
from decimal import Context, Decimal, Inexact, localcontext

_EXACT = Context(prec=200, traps=[Inexact])
"""More digits than any sum of numbers of 38 has; rounding is an error."""


def total(values: Iterable[Decimal]) -> Decimal:
    """Their exact sum; 0 of none."""
    with localcontext(_EXACT):
        return sum(values, Decimal(0))
