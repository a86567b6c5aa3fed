"""Numbers as they stand in a report: exact, whatever they are."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus_data.report.texts import MINUS, number
from nexus_data.report.xlsx import holds

AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=18, min_value=-(10**19), max_value=10**19)


@pytest.mark.parametrize(
    ("content", "places", "text"),
    [
        (Decimal("1234567.5"), 2, "1,234,567.50"),
        (Decimal("-0.000000000000000001"), 2, f"{MINUS}0.000000000000000001"),
        (Decimal("0E-18"), 0, "0"),
        (Decimal("1E+3"), 0, "1,000"),
        (-1200, 0, f"{MINUS}1,200"),
    ],
)
def test_thousands_are_apart_and_no_digit_is_lost(content, places, text):
    assert number(content, places=places) == text


@given(AMOUNTS)
def test_what_is_shown_is_the_number(amount):
    assert Decimal(number(amount, places=2).replace(",", "").replace(MINUS, "-")) == amount


@pytest.mark.parametrize(
    ("amount", "held"),
    [
        ("0", True),
        ("1.000000000000000000000000000001", False),
        ("0.000000000000000001", True),
        ("123456789012345000", True),
    ],
)
def test_a_workbook_is_given_fifteen_digits(amount, held):
    assert holds(Decimal(amount)) is held


@given(AMOUNTS)
def test_a_workbook_holds_as_numbers_only_what_it_keeps(amount):
    if holds(amount):
        assert Decimal(f"{amount:.16G}") == amount
        assert Decimal(repr(float(amount))) == amount
