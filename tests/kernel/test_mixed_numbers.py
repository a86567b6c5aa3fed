"""Numbers of both styles in one column, and exact sums of columns."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel.judging import judge

LAST = {"decimal": "last"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("33,90", "33.9"),
        ("-97.93", "-97.93"),
        ("1.046,38", "1046.38"),
        ("1,046.38", "1046.38"),
        ("1.234.567", "1234567"),
        ("1,234,567.5", "1234567.5"),
        ("0,123", "0.123"),
        ("1234,567", "1234.567"),
        ("1.234", None),
        ("-12,345", None),
        ("1.2,3", None),
        ("1,2,3", None),
        ("1.234,567,8", None),
    ],
)
def test_the_last_mark_is_the_decimal_mark(text: str, value: str | None) -> None:
    found = judge(
        {"last_qty": {"column": "q", "sign": "absolute"}, "last_px": {"column": "q"}}, {"q": [text]}, numbers=LAST
    )
    wanted = None if value is None else Decimal(value)
    assert (found["last_px"][0], found["last_qty"][0]) == (wanted, None if wanted is None else abs(wanted))
    assert (found["outcome"][0] == "rejected") == (value is None)


NUMBERS = st.decimals(-(10**14), 10**14, places=4)


@settings(max_examples=30, deadline=None)
@given(values=st.lists(NUMBERS, min_size=3, max_size=3))
def test_sums_are_exact(values: list[Decimal]) -> None:
    texts = {name: [format(value, "f")] for name, value in zip("abc", values, strict=True)}
    fields = {
        "last_px": {"sum": ["a", "b", "-c"]},
        "side": {"by_sign": {"sum": ["a", "b", "-c"], "positive": "buy", "negative": "sell"}},
    }
    for numbers in ({}, LAST, {"decimal": ","}):
        columns = {n: [t[0].replace(".", ",")] for n, t in texts.items()} if numbers == {"decimal": ","} else texts
        found = judge(fields, columns, numbers=numbers)
        total = values[0] + values[1] - values[2]
        assert found["last_px"][0] == total
        assert found["side"][0] == ("buy" if total > 0 else "sell" if total < 0 else None)


@pytest.mark.parametrize(
    ("a", "b", "outcome"),
    [("", "2", Decimal(2)), ("", "", None), ("1", "x", "UNPARSABLE"), ("1" + "0" * 15, "1", "UNPARSABLE")],
)
def test_a_sum_needs_numbers(a: str, b: str, outcome: Decimal | str | None) -> None:
    found = judge({"last_px": {"sum": ["a", "b"]}}, {"a": [a], "b": [b]})
    if isinstance(outcome, str):
        assert found["reasons"][0] == f"{outcome}:last_px"
    else:
        assert found["last_px"][0] == outcome


def test_a_piece_of_text_is_replaced_by_another() -> None:
    date = {"column": "d", "formats": ["%d-%b-%Y"], "replace": {"mrt": "Mar", "mei": "May"}}
    found = judge({"date": date}, {"d": ["03-MRT-2024", "05-mei-2024", "05-foo-2024"]})
    assert found["date"].cast(str).to_list() == ["2024-03-03", "2024-05-05", None]
