"""A contract that cannot work is refused before it sees a record, and the message names the place."""

from typing import Any

import pytest

from nexus_data.errors import ContractError
from tests.kernel.judging import compiled

BAD_FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"nonsense": {"column": "a"}}, "fields.nonsense: trading_operations has no such column"),
    ({"row_fp": {"column": "a"}}, "fields.row_fp: no source can give"),
    ({"symbol": {"column": "b"}}, "no variant has a column 'b'"),
    ({"symbol": {"columns": ["a", "b"]}}, "no variant has a column 'b'"),
    ({"symbol": {}}, "fields.symbol: exactly one of"),
    ({"symbol": {"column": "a", "value": "x"}}, "fields.symbol: exactly one of"),
    ({"symbol": {"column": "a", "extract": "("}}, "fields.symbol: extract"),
    ({"symbol": {"column": "a", "extract": "x+"}}, "has no group"),
    ({"symbol": {"column": "a", "map": {"A": "1", "a ": "2"}}}, "'a' stands for both '1' and '2'"),
    ({"category": {"value": "gift"}}, "fields.category: the constant 'gift' is UNKNOWN_VALUE"),
    ({"amount": {"value": "-1"}}, "fields.amount: the constant '-1' is NEGATIVE"),
    ({"currency": {"value": "QQQ"}}, "fields.currency: the constant 'QQQ' is UNKNOWN_CURRENCY"),
    ({"amount": {"column": "a", "factor": "1e2"}}, "fields.amount: factor '1e2'"),
    ({"amount": {"column": "a", "factor": "0." + "1" * 19}}, "fields.amount: factor"),
    ({"amount": {"column": "a", "factor_by": {"column": "a", "map": {"x": "?"}}}}, "fields.amount: factor '?'"),
    ({"amount": {"column": "a", "thousands": "."}}, "fields.amount: thousands"),
    ({"amount": {"column": "a", "thousands": "-"}}, "fields.amount: thousands"),
    ({"amount": {"product": ["last_qty"]}}, "fields.amount: product"),
    ({"amount": {"product": ["last_qty", "symbol"]}, "last_qty": {"column": "a"}}, "fields.amount: product"),
    ({"symbol": {"product": ["amount", "amount"]}}, "fields.symbol: product"),
    ({"transact_time": {"column": "a", "zone": "Mars/Base"}}, "fields.transact_time: zone: 'Mars/Base'"),
    ({"date": {"column": "a", "day_ms": "a"}}, "fields.date: day_ms"),
    *[
        ({"transact_time": {"column": "a", "formats": [text]}}, f"fields.transact_time: time format '{text}'")
        for text in ("%H:%M", "%Y-%m-%d %Z", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %Q", "%s", "%Y", "soon", "%Y-%m-%d %9f")
    ],
]


@pytest.mark.parametrize(("fields", "message"), BAD_FIELDS, ids=[message for _, message in BAD_FIELDS])
def test_fields_that_cannot_work(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ContractError, match=r"^test: ") as error:
        compiled(fields, ["a"])
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"timezone": "Mars/Base"}, "timezone: 'Mars/Base'"),
        ({"numbers": {"decimal": ",", "thousands": ","}}, "thousands"),
        ({"identity": {"columns": ["file_id"]}}, "identity.columns"),
        ({"identity": {"content": ["nonsense"]}}, "identity.content"),
        ({"kinds": [{"name": "k", "when": [{"column": "z", "empty": True}]}]}, "no variant has a column 'z'"),
        ({"kinds": [{"name": "k", "when": [{"column": "a", "matches": "("}]}]}, "kinds.k.when.a.matches"),
        (
            {"kinds": [{"name": "k", "set": {"symbol": "x"}, "fields": {"symbol": {"column": "a"}}}]},
            "kinds.k: symbol is in both",
        ),
        ({"kinds": [{"name": "k", "set": {"amount": "1,5"}}], "numbers": {"decimal": ","}}, "constant '1,5'"),
    ],
)
def test_contracts_that_cannot_work(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ContractError, match=r"^test: ") as error:
        compiled({}, ["a"], **changes)
    assert message in str(error.value)
