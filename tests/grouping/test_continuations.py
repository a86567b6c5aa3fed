"""Rows that only go on with the row before them."""

from pathlib import Path

import pytest

from tests.grouping.statement import GROUP, contract, judged

LEDGER = contract(
    continuation={"columns": ["time", "coin"], "when": [{"column": "what", "empty": True}]},
    group={**GROUP, "key": ["whole:time"]},
)


@pytest.mark.parametrize("batch_bytes", [16, 40, 1 << 20])
def test_the_text_of_a_wrapped_row_is_joined_before_groups_are_made(tmp_path: Path, batch_bytes: int) -> None:
    rows = [
        ["12", "trade", "BTC", "0.5"],
        ["34", "", "", ""],
        ["1234", "trade", "USD", "-100"],
        ["1", "fee", "USD", "-1"],
        ["23", "", "", ""],
        ["4", "", "", ""],
    ]
    found = judged(rows, LEDGER, tmp_path, batch_bytes=batch_bytes)
    assert [found[number]["reasons"] for number in sorted(found)] == [
        None,
        "continues record 1",
        "part of record 1",
        "part of record 1",
        "continues record 4",
        "continues record 4",
    ]
    assert [found[number]["line"] for number in sorted(found)] == [2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("batch_bytes", [16, 1 << 20])
def test_a_row_that_goes_on_with_nothing_is_rejected(tmp_path: Path, batch_bytes: int) -> None:
    first = judged([["12", "", "", ""], ["1", "gift", "BTC", "1"]], LEDGER, tmp_path, batch_bytes=batch_bytes)
    assert [first[n]["reasons"] for n in sorted(first)] == ["GROUP_INCOMPLETE", None]
    rows = [["1", "gift", "BTC", "1"], ["broken"], ["12", "", "", ""]]
    behind = judged(rows, LEDGER, tmp_path, batch_bytes=batch_bytes)
    assert [behind[n]["reasons"] for n in sorted(behind)] == [None, "TOO_FEW_FIELDS", "GROUP_INCOMPLETE"]


def test_a_row_goes_with_the_one_that_it_continues(tmp_path: Path) -> None:
    rows = [["1", "gift", "BTC", "x"], ["2", "", "", ""], ["3", "trade", "BTC", "1"], ["4", "", "", ""]]
    found = judged(rows, LEDGER, tmp_path)
    assert [found[n]["reasons"] for n in sorted(found)] == [
        "UNPARSABLE:type;UNPARSABLE:amount",
        "GROUP_REJECTED",
        "GROUP_INCOMPLETE",
        "GROUP_REJECTED",
    ]
