"""Conditions, kinds and what follows from them: every record gets exactly one outcome, in order."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel.judging import judge, told

TEXTS = ["Buy", " buy now ", "", "SELL", "1,5", "-1,5", "0,0", "fee"]


@pytest.mark.parametrize(
    ("condition", "taken"),
    [
        ({"equals": ["BUY", "sell "]}, ["Buy", "SELL"]),
        ({"equals": ["", "fee"]}, ["", "fee"]),
        ({"prefix": ["BUY"]}, ["Buy", " buy now "]),
        ({"prefix": ["buy "]}, [" buy now "]),
        ({"prefix": ["s", "f"]}, ["SELL", "fee"]),
        ({"matches": "^[A-Z]"}, ["Buy", "SELL"]),
        ({"matches": "^$"}, [""]),
        ({"matches": "(?i)^b.*w$"}, [" buy now "]),
        ({"empty": True}, [""]),
        ({"empty": False}, [text for text in TEXTS if text]),
        ({"sign": "positive"}, ["1,5"]),
        ({"sign": "negative"}, ["-1,5"]),
        ({"sign": "zero"}, ["0,0"]),
        ({"prefix": ["buy"], "matches": "now"}, [" buy now "]),
        ({}, TEXTS),
    ],
)
def test_conditions(condition: dict[str, Any], taken: list[str]) -> None:
    kinds = [{"name": "x", "when": [{"column": "a", **condition}], "set": {"description": "taken"}}, {"name": "rest"}]
    result = judge({}, {"a": TEXTS}, kinds=kinds, numbers={"decimal": ","})
    assert [text for text, d in zip(TEXTS, result["description"], strict=True) if d == "taken"] == taken


KINDS = [
    {"name": "noise", "when": [{"column": "what", "equals": ["total"]}], "skip": "a subtotal"},
    {
        "name": "sale",
        "when": [{"column": "what", "equals": ["sale"]}, {"column": "n", "sign": "positive"}],
        "set": {"type": "income", "category": "trade", "amount": "1.5"},
        "fields": {"description": {"column": "n", "prefix": "sold "}},
    },
    {
        "name": "fee",
        "when": [{"column": "what", "prefix": ["fee"]}],
        "set": {"type": "expense", "category": "fee"},
        "fields": {"description": {"value": ""}, "symbol": {"column": "what"}},
    },
]


def test_the_first_kind_that_holds_says_how_a_record_is_read() -> None:
    columns = {"what": ["fee x", "total", "sale", "sale", "gift", "fee"], "n": ["1", "x", "2", "-2", "1", "y"]}
    fields = {"amount": {"column": "n"}, "description": {"column": "what"}, "category": None}
    result = judge(fields, columns, kinds=KINDS, numbers={"decimal": ","})
    wanted = [
        ("accepted", None, "expense", "fee", Decimal(1), None, "fee x"),
        ("skipped", "a subtotal", None, None, None, None, None),
        ("accepted", None, "income", "trade", Decimal("1.5"), "sold 2", None),
        ("rejected", "UNKNOWN_KIND", None, None, None, None, None),
        ("rejected", "UNKNOWN_KIND", None, None, None, None, None),
        ("rejected", "UNPARSABLE:amount", "expense", "fee", None, None, "fee"),
    ]
    assert result.select("outcome", "reasons", "type", "category", "amount", "description", "symbol").rows() == wanted
    assert result["month"].to_list() == ["2024-03", "", "2024-03", "", "", "2024-03"]
    assert result["record_no"].to_list() == [1, 2, 3, 4, 5, 6]
    assert result["source"].to_list() == ["bank"] * 6
    assert result["file_id"].to_list() == [bytes(range(16))] * 6


@given(
    whats=st.lists(st.sampled_from(["total", "sale", "fee a", "fee", "gift", ""]), max_size=30),
    numbers=st.lists(st.sampled_from(["1", "-1", "", "x", "0.0000000000000000001"]), min_size=30, max_size=30),
)
@settings(max_examples=25, deadline=None)
def test_every_record_comes_out_once_in_order_and_as_it_would_alone(whats: list[str], numbers: list[str]) -> None:
    columns = {"what": whats, "n": numbers[: len(whats)]}
    fields = {"amount": {"column": "n"}, "category": None}
    result = judge(fields, columns, kinds=KINDS)
    assert result["record_no"].to_list() == list(range(1, len(whats) + 1))
    assert set(result["outcome"]) <= {"accepted", "rejected", "skipped"}
    assert ((result["outcome"] == "accepted") == result["reasons"].is_null()).all()
    for place in range(len(whats)):
        alone = judge(fields, {name: [texts[place]] for name, texts in columns.items()}, kinds=KINDS)
        assert alone.drop("record_no").row(0) == result.drop("record_no").row(place)


def test_constants_of_a_kind_are_canonical_whatever_the_style_of_the_source() -> None:
    kinds = [{"name": "x", "set": {"amount": "1.5", "currency": "crypto:BTC", "date": "2024-02-29"}}]
    result = judge({}, {"a": ["1"]}, kinds=kinds, numbers={"decimal": ",", "thousands": "."})
    assert told(result, "amount") == [(Decimal("1.5"), None)]
    assert result.select("currency", "month").row(0) == ("crypto:BTC", "2024-02")
