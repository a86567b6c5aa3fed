"""Numbers come back exactly as they were written, in any style, or are rejected for the right reason."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel.judging import judge, told

SPACES = " \u00a0\u2007\u2009\u202f"
MONEY, PRICE = (20, 18), (18, 20)


def expected(number: Decimal, whole: int, fraction: int, field: str) -> tuple[Decimal | None, str | None]:
    """The number itself, or every reason why a decimal of so many digits cannot hold it."""
    written = f"{number.copy_abs():f}"
    left, _, right = written.partition(".")
    codes = []
    if len(left.lstrip("0")) > whole:
        codes.append(f"TOO_LARGE:{field}")
    if len(right.rstrip("0")) > fraction:
        codes.append(f"TOO_PRECISE:{field}")
    return (None, ";".join(codes)) if codes else (number, None)


def written(number: Decimal, style: dict[str, Any], mark: str) -> str:
    """The number in a style; `mark` groups its digits."""
    left, _, right = f"{number.copy_abs():f}".partition(".")
    grouped = f"{int(left):,}".replace(",", mark) if mark else left
    text = grouped + (style["decimal"] + right if right else "")
    if number.is_signed():
        return f"({text})" if style["accounting"] else f"-{text}"
    return f"€ {text}" if style["signs"] else text


numbers = st.builds(
    lambda digits, places, negative: Decimal((int(negative), tuple(map(int, str(digits))), -places)),
    st.integers(0, 10**45),
    st.integers(0, 25),
    st.booleans(),
)


@st.composite
def styles(draw: st.DrawFn) -> tuple[dict[str, Any], str]:
    decimal = draw(st.sampled_from(".,"))
    marks = draw(st.sampled_from(["", " ", "'", "," if decimal == "." else ".", " '"]))
    mark = draw(st.sampled_from(marks)) if marks else ""
    mark = draw(st.sampled_from(SPACES)) if mark == " " else mark
    style = {"decimal": decimal, "thousands": marks, "accounting": draw(st.booleans()), "signs": draw(st.booleans())}
    return style, mark


@pytest.mark.parametrize(("field", "digits"), [("commission", MONEY), ("last_px", PRICE)])
@given(values=st.lists(numbers, min_size=1, max_size=40), style=styles())
@settings(max_examples=20, deadline=None)
def test_any_number_in_any_style_comes_back_exactly_or_says_why(
    field: str, digits: tuple[int, int], values: list[Decimal], style: tuple[dict[str, Any], str]
) -> None:
    how, mark = style
    texts = [written(value, how, mark) for value in values]
    result = judge({field: {"column": "n"}}, {"n": texts}, numbers=how)
    assert told(result, field) == [expected(value, *digits, field) for value in values]


NO_NUMBER = (
    *("1e5", "1E5", "1_000", "+-5", "--5", "-+5", "5.", ".", "-", "+", "1.2.3", "1 2", "0x10", "NaN", "inf", "١٢", "½"),
    *("1,23", "1,234", "1.234,5", "5-", "(5)", "$5", "5 EUR", "5%", "1\n", "1\n2", "a1", "- 5"),
)


def test_what_is_no_plain_number_is_unparsable() -> None:
    result = judge({"commission": {"column": "n"}}, {"n": NO_NUMBER})
    reasons = dict(zip(NO_NUMBER, result["reasons"], strict=True))
    # A line end is outer white space; every other text is rejected.
    assert reasons.pop("1\n") is None
    assert set(reasons.values()) == {"UNPARSABLE:commission"}


@pytest.mark.parametrize(
    ("style", "good", "bad"),
    [
        ({"thousands": ","}, {"1,234": "1234", "1,234,567.5": "1234567.5", "999": "999"}, ["1,23", "12,34", "1,2345"]),
        ({"thousands": ","}, {"1234": "1234"}, ["0,123", ",123", "1,,234", "1234,567", "1.234,567", "1,234,"]),
        ({"thousands": ", "}, {"1 234": "1234"}, ["1 234,567", "1  234"]),
        ({"thousands": ".", "decimal": ","}, {"1.234": "1234", "1.234,5": "1234.5", "0,5": "0.5"}, ["1.23", "1,234.5"]),
        ({"thousands": "'"}, {"1'234": "1234", "1\u2019234.5": "1234.5"}, ["1'23", "1 234"]),
        ({"thousands": " "}, {"1\u202f234,": None, "1\u00a0234": "1234"}, ["1\u200b234"]),
        (
            {"accounting": True},
            {"(5.50)": "-5.5", "5.5-": "-5.5", "5\u2212": "-5"},
            ["(-5)", "-(5)", "-5-", "(5"],
        ),
        ({"signs": True}, {"$5": "5", "-$5": "-5", "$-5": "-5", "5 €": "5", "EUR 5": "5", "- US$ 5": "-5"}, ["-$-5"]),
        ({"signs": True}, {"5 USD": "5", "zł5": "5", "-5CHF": "-5"}, ["5 ABC", "5 usdx", "USD", "$", "5 5$"]),
        ({"signs": True, "accounting": True}, {"($5.00)": "-5", "$(5)": "-5", "5 USD-": "-5", "$5-": "-5"}, ["(-$5)"]),
        ({}, {"+5": "5", "\u22125": "-5", ".5": "0.5", "-.5": "-0.5", "007.10": "7.1", "-0": "0"}, ["(5)", "5-"]),
    ],
)
def test_styles_read_what_they_say_and_nothing_else(
    style: dict[str, Any], good: dict[str, str | None], bad: list[str]
) -> None:
    texts = [*good, *bad]
    result = judge({"commission": {"column": "n", **style}}, {"n": texts})
    wanted = {text: (None if value is None else Decimal(value)) for text, value in good.items()}
    assert dict(zip(texts, result["commission"], strict=True)) == wanted | dict.fromkeys(bad)
    assert result["reasons"].to_list()[len(good) :] == ["UNPARSABLE:commission"] * len(bad)


def test_a_fields_style_is_over_the_contracts() -> None:
    german = {"decimal": ",", "thousands": "."}
    fields = {"commission": {"column": "a"}, "last_qty": {"column": "b", "decimal": ".", "thousands": ""}}
    result = judge(fields, {"a": ["1.234,5"], "b": ["1.234"]}, numbers=german)
    assert result.select("commission", "last_qty").row(0) == (Decimal("1234.5"), Decimal("1.234"))


def test_signs_are_kept_dropped_or_turned() -> None:
    texts = ["5", "-5", "0"]
    for sign, wanted in {"keep": [5, -5, 0], "absolute": [5, 5, 0], "negate": [-5, 5, 0]}.items():
        result = judge({"commission": {"column": "n", "sign": sign}}, {"n": texts})
        assert result["commission"].to_list() == [Decimal(value) for value in wanted]


def test_negative_amounts_are_told_where_the_table_forbids_them() -> None:
    result = judge({"amount": {"column": "n"}, "commission": {"column": "n"}}, {"n": ["-1", "0", "1"]})
    assert result["reasons"].to_list() == ["NEGATIVE:amount", None, None]
