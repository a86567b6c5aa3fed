"""Sums of decimals are exact however many digits they have."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from nexus_data.provenance.sums import total

AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=18, min_value=-(10**19), max_value=10**19)


@given(st.lists(AMOUNTS))
def test_no_digit_is_lost(amounts):
    assert Fraction(total(amounts)) == sum(map(Fraction, amounts))


def test_python_alone_would_lose_some():
    amounts = [Decimal("123456789012345.123456789012345678"), Decimal("0.000000000000000001")]
    assert total(amounts) == Decimal("123456789012345.123456789012345679")
    assert sum(amounts) != total(amounts)
