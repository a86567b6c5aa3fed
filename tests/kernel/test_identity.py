"""Fingerprints and identities, computed again by other code: hashlib, xxhash and Python's own decimals and dates."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from nexus_data.tables import CANONICAL
from tests.kernel.judging import facts, judge

OUTSIDE = {"operation_id", "source", "file_id", "record_no", "row_fp", "generation"}
CONTENT = [field.name for field in CANONICAL["trading_operations"].fields if field.name not in OUTSIDE]


def signed_xxh3(text: str) -> int:
    number = xxhash.xxh3_64_intdigest(text.encode())
    return number - 2**64 if number >= 2**63 else number


def canonical(value: Any) -> str:
    if value is None:
        return "\u2400"
    if isinstance(value, Decimal):
        whole, _, fraction = f"{value:f}".partition(".")
        return whole + ("." + fraction.rstrip("0") if fraction.rstrip("0") else "")
    if isinstance(value, datetime):
        return str((value - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1))
    return value.isoformat() if isinstance(value, date) else str(value)


def joined(*parts: str) -> str:
    return "\u001f".join(parts)


def sha(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:16]


FIELDS: dict[str, Any] = {
    "exec_id": {"column": "id"},
    "account_id": {"column": "account"},
    "transact_time": {"column": "time"},
    "amount": {"column": "amount"},
    "last_px": {"column": "price"},
    "description": {"column": "text"},
}
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=6)
amounts = st.decimals(0, 10**12, places=4, allow_nan=False).map(lambda d: f"{d:f}")
rows = st.lists(
    st.tuples(
        st.sampled_from(["", "e1", "e2"]),
        texts,
        st.sampled_from(["", "2024-02-29T23:59:59.000001Z", "1969-12-31T23:59:59.5Z"]),
        amounts,
        st.sampled_from(["", "0", "-0.0", "1200", "-0.50", "0.00000000000000000001"]),
        texts,
    ),
    min_size=1,
    max_size=20,
)


@given(rows=rows)
@settings(max_examples=30, deadline=None)
def test_fingerprints_and_identities_are_what_the_documentation_says(rows: list[tuple[str, ...]]) -> None:
    names = ("id", "account", "time", "amount", "price", "text")
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    result = judge(FIELDS, columns, identity={"columns": ["exec_id"]})
    assert result["row_fp"].to_list() == [signed_xxh3(joined(*row)) for row in rows]
    for row in result.iter_rows(named=True):
        content = [canonical(row[name]) for name in CONTENT]
        owner = [canonical(row[name]) for name in ("source", "account_id", "user_id")]
        assert row["content_fp"] == signed_xxh3(joined(*content))
        if row["exec_id"] is None:
            assert (row["by_content"], row["identity"]) == (True, sha(joined("content", *owner, *content)))
        else:
            assert (row["by_content"], row["identity"]) == (False, sha(joined("id", *owner, row["exec_id"])))


def test_identity_may_take_several_columns_or_a_part_of_the_content() -> None:
    columns = {"id": ["e1", "", "e1"], "account": ["A"] * 3, "time": [""] * 3, "amount": ["1.50", "1.5", "1.500"]}
    columns |= {"price": ["", "2", "2"], "text": ["x", "y", ""]}
    named = {"columns": ["symbol", "exec_id"], "content": ["amount", "date"]}
    fields = FIELDS | {"symbol": {"column": "text"}}
    result = judge(fields, columns, identity=named)
    by_content = sha(joined("content", "bank", "A", "unassigned", "2024-03-01", "1.5"))
    # The columns come in the table's order, whatever the contract's.
    by_id = sha(joined("id", "bank", "A", "unassigned", "e1", "x"))
    assert result["identity"].to_list() == [by_id, by_content, by_content]
    assert result["by_content"].to_list() == [False, True, True]
    assert result["content_fp"].n_unique() == 3


def test_a_part_of_the_content_tells_enough_only_where_its_anchors_are_there() -> None:
    columns = {"id": ["e1", "e1", "", ""], "account": ["A"] * 4, "time": [""] * 4, "amount": ["1.5"] * 4}
    columns |= {"price": [""] * 4, "text": ["x", "y", "x", "y"]}
    named = {"content": ["amount", "exec_id"], "anchors": ["exec_id"]}
    result = judge(FIELDS, columns, identity=named)
    told = sha(joined("content", "bank", "A", "unassigned", "e1", "1.5"))
    owner = ("bank", "A", "unassigned")
    wholes = [
        sha(joined("content", *owner, *[canonical(row[name]) for name in CONTENT]))
        for row in result.tail(2).iter_rows(named=True)
    ]
    assert result["identity"].to_list() == [told, told, *wholes]
    assert wholes[0] != wholes[1]


def test_the_same_content_of_another_user_or_source_is_another_operation() -> None:
    columns = {"a": ["1"]}
    prints = [
        judge({}, columns, known=facts(**changes))["identity"][0]
        for changes in ({}, {"user_id": "ann"}, {"source": "other"})
    ]
    assert len(set(prints)) == 3


def test_how_a_number_or_a_time_is_written_changes_the_record_but_not_its_content() -> None:
    columns = {
        "n": ["1.50", "1.5", "+01.5"],
        "t": ["2024-03-01T12:00:00Z", "2024-03-01T13:00:00+01:00", "20240301T1200Z"],
    }
    result = judge({"amount": {"column": "n"}, "transact_time": {"column": "t"}}, columns)
    assert result["content_fp"].n_unique() == result["identity"].n_unique() == 1
    assert result["row_fp"].n_unique() == 3


def test_raw_fingerprints_take_every_column_as_it_stands() -> None:
    result = judge({}, {"a": [" x", "x", ""], "b": ["", "", " x"]})
    assert result["row_fp"].to_list() == [signed_xxh3(text) for text in (" x\x1f", "x\x1f", "\x1f x")]
    assert result["row_fp"].dtype == pl.Int64
