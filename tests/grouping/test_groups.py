"""Several records that are one operation: which are put together, what the one gets of the others, what is lost."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.grouping.statement import GROUP, TRADE, contract, judged, leg

LEDGER = contract()


def _told(rows: Sequence[str], folder: Path, **changes: Any) -> list[tuple[str, str | None]]:
    made = contract(**changes) if changes else LEDGER
    found = judged([row.split() for row in rows], made, folder)
    return [(found[number]["outcome"], found[number]["reasons"]) for number in sorted(found)]


def test_rows_of_one_time_are_one_trade(tmp_path: Path) -> None:
    rows = ["1 trade BTC 0.5", "1 trade USD -100", "1 fee USD -0.25", "1 trade BTC 0.25", "2 gift BTC 1"]
    found = judged([row.split() for row in rows], LEDGER, tmp_path)
    trade = found[1]
    assert (trade["outcome"], trade["category"], trade["symbol"]) == ("accepted", "trade", "BTC")
    assert (trade["last_qty"], trade["amount"], trade["commission"]) == tuple(map(Decimal, ("0.75", "100.25", "0.25")))
    assert (trade["type"], trade["currency"]) == ("expense", "USD")
    assert [found[n]["reasons"] for n in (2, 3, 4)] == ["part of record 1"] * 3
    assert [found[n]["outcome"] for n in (2, 3, 4)] == ["skipped"] * 3
    assert (found[5]["outcome"], found[5]["category"]) == ("accepted", "other")


def test_a_fee_in_another_currency_is_an_operation_of_its_own(tmp_path: Path) -> None:
    rows = ["1 trade BTC 0.5", "1 trade USD -100", "1 fee BNB -0.01"]
    found = judged([row.split() for row in rows], LEDGER, tmp_path)
    assert (found[1]["amount"], found[1]["commission"]) == (Decimal(100), None)
    assert (found[3]["outcome"], found[3]["amount"], found[3]["currency"]) == (
        "accepted",
        Decimal("0.01"),
        "crypto:BNB",
    )


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (["1 trade BTC 0.5", "1 fee USD -1"], "GROUP_INCOMPLETE"),
        (["1 trade USD -100", "1 fee USD -1"], "GROUP_INCOMPLETE"),
        (["1 trade BTC 0.5", "1 trade ETH 0.5", "1 trade USD -100"], "GROUP_AMBIGUOUS"),
    ],
)
def test_what_is_no_trade_is_rejected_whole(tmp_path: Path, rows: list[str], code: str) -> None:
    assert _told(rows, tmp_path) == [("rejected", code)] * len(rows)
    stand = {**GROUP, "otherwise": "stand"}
    assert _told(rows, tmp_path, group=stand) == [("accepted", None)] * len(rows)


def test_a_lead_that_is_rejected_takes_its_parts_with_it(tmp_path: Path) -> None:
    rows = ["1 trade BTC 0.5", "1 trade USD -100", "1 fee USD -1x"]
    assert _told(rows, tmp_path) == [
        ("rejected", "UNPARSABLE:type;UNPARSABLE:amount;UNPARSABLE:commission"),
        ("rejected", "GROUP_REJECTED"),
        ("rejected", "GROUP_REJECTED"),
    ]


def test_the_same_key_far_away_is_another_group(tmp_path: Path) -> None:
    apart = ["0 gift BTC 1"] * 10
    rows = ["1 trade BTC 0.5", *apart, "1 trade USD -100"]
    assert {code for _, code in _told(rows, tmp_path)} == {"GROUP_INCOMPLETE", None}
    assert _told(["1 trade BTC 0.5", *apart[1:], "1 trade USD -100"], tmp_path)[0] == ("accepted", None)


def test_a_group_without_end_is_rejected_in_bounded_memory(tmp_path: Path) -> None:
    rows = [["1", "trade", "BTC", "1"]] * 400
    for batch_bytes in (512, 1 << 20):
        found = judged(rows, LEDGER, tmp_path, batch_bytes=batch_bytes)
        assert {row["reasons"] for row in found.values()} == {"GROUP_TOO_LARGE"}
        assert len(found) == 400


def test_a_row_without_key_stands_by_itself(tmp_path: Path) -> None:
    rows = [["", "trade", "BTC", "0.5"], ["", "trade", "USD", "-100"]]
    assert [row["outcome"] for row in judged(rows, LEDGER, tmp_path).values()] == ["accepted", "accepted"]


def test_the_first_form_that_fits_is_taken(tmp_path: Path) -> None:
    swap = {**TRADE, "name": "swap", "legs": [*TRADE["legs"][:2], leg("fee", what="fee", records="some")]}
    made = contract(group={**GROUP, "forms": [swap, TRADE]}, kinds=[{"name": "all"}])
    rows = ["1 trade BTC 0.5", "1 trade USD -100", "1 fee BNB -1", "2 trade BTC 0.5", "2 trade USD -100"]
    found = judged([row.split() for row in rows], made, tmp_path)
    assert [found[n]["reasons"] for n in (2, 3, 5)] == ["part of record 1", "part of record 1", "part of record 4"]


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", "3", ""]),
        st.sampled_from(["trade", "fee", "gift"]),
        st.sampled_from(["BTC", "USD"]),
        st.sampled_from(["1", "-2", "0.5", "x", "0", "-100"]),
    ),
    max_size=40,
)


@given(rows=ROWS, batch_bytes=st.sampled_from([60, 200, 4096]))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_batches_make_no_difference_and_groups_are_what_the_reference_says(
    rows: list[tuple[str, ...]], batch_bytes: int, tmp_path: Path
) -> None:
    found = judged(rows, LEDGER, tmp_path, batch_bytes=batch_bytes)
    whole = judged(rows, LEDGER, tmp_path)
    assert sorted(found) == list(range(1, len(rows) + 1))
    assert {number: _without_place(row) for number, row in found.items()} == {
        number: _without_place(row) for number, row in whole.items()
    }
    assert all(row["raw"] == ",".join(rows[number - 1]) for number, row in found.items())
    leads = {number: row["reasons"] for number, row in found.items() if row["outcome"] == "skipped"}
    assert leads == {n: f"part of record {lead}" for n, lead in _reference(rows).items() if _accepted(found, lead)}


def _without_place(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("line", "raw")}


def _accepted(found: Any, lead: int) -> bool:
    return bool(found[lead]["outcome"] == "accepted")


def _reference(rows: Sequence[tuple[str, ...]]) -> dict[int, int]:
    """Record by record: the lead of every other record of a trade."""
    groups: dict[tuple[str, int], list[int]] = defaultdict(list)
    last: dict[str, tuple[int, int]] = {}
    for number, (time, what, _, _) in enumerate(rows, 1):
        if time and what != "gift":
            before, serial = last.get(time, (-99, 0))
            serial += number - before > 10
            last[time] = (number, serial)
            groups[time, serial].append(number)
    found: dict[int, int] = {}
    for numbers in groups.values():
        if numbers[-1] - numbers[0] < 100:
            found |= _parts([(number, *rows[number - 1][1:]) for number in numbers])
    return found


def _parts(group: list[tuple[Any, ...]]) -> dict[int, int]:
    bought = [row for row in group if row[1] == "trade" and row[3] in ("1", "0.5")]
    paid = [row for row in group if row[1] == "trade" and row[3].startswith("-")]
    if not bought or not paid or len({row[2] for row in bought}) > 1 or len({row[2] for row in paid}) > 1:
        return {}
    fees = [row for row in group if row[1] == "fee" and row[2] == paid[0][2]]
    return {row[0]: bought[0][0] for row in [*bought[1:], *paid, *fees]}


def test_records_that_only_have_to_be_there_stand_by_themselves(tmp_path: Path) -> None:
    order = {
        "name": "order",
        "lead": "sum",
        "legs": [leg("sum", what="trade"), leg("part", what="fee", records="some")],
    }
    order["legs"][1]["stands"] = True
    kinds = [
        {"name": "order", "when": [{"column": "group:form", "equals": ["order"]}], "skip": "a sum"},
        {"name": "all"},
    ]
    made = contract(group={**GROUP, "forms": [order], "otherwise": "stand"}, kinds=kinds)
    rows = ["1 trade BTC 3", "1 fee BTC 1", "1 fee BTC 2", "2 trade BTC 3"]
    found = judged([row.split() for row in rows], made, tmp_path)
    assert [found[n]["reasons"] for n in sorted(found)] == ["a sum", None, None, None]
