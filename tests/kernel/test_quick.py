"""What is read by expressions alone is what the columns' own readers make of it, record by record."""

from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from nexus_data.kernel import Kernel, standardize
from nexus_data.kernel.quick import begin
from tests.kernel.judging import REQUIRED, compiled, facts, judge, records

ZONE = "America/Sao_Paulo"
FIELDS: dict[str, Any] = {
    "exec_id": {"column": "id"},
    "transact_time": {"column": "time", "formats": ["iso", "epoch_ms"], "zone": ZONE},
    "amount": {"column": "number", "sign": "absolute"},
    "last_qty": {"column": "number"},
    "last_px": {"column": "number", "decimal": ","},
    "commission": {"column": "number | id"},
    "currency": {"column": "word", "case": "upper"},
    "commission_currency": {"column": "word", "crypto": True},
    "type": {"by_sign": {"column": "number", "positive": "income", "negative": "expense"}},
    "side": {"column": "word", "case": "lower"},
    "category": {"column": "word", "map": {"x": "fee", "": "trade"}},
    "symbol": {"column": "word", "case": "upper", "null": ["x"]},
    "venue": {"column": "word", "prefix": "v:"},
    "description": {"value": "as ever"},
}
DAYS = {"date": {"column": "time", "formats": ["iso"], "zone": ZONE}}
FORMATS = ["%d/%m/%Y %H:%M:%S%.f", "%d/%m/%Y %H:%M", "%d-%m-%Y", "%Y-%m-%dT%H:%M:%S%z", "epoch_s", "epoch_us", "iso"]
NUMBERS = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
    st.from_regex(r"\A-?0{0,2}[0-9]{1,20}([.,][0-9]{1,21})?0{0,3}\Z"),
    st.text("0123456789.,-+e ", max_size=8),
)
DAY = r"(1000|1899|20[0-9]{2}|9999)-[01][0-9]-[0-3][0-9]"
TIMES = st.one_of(
    st.from_regex(rf"\A{DAY}\Z"),
    st.from_regex(
        rf"\A{DAY}[T ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.([0-9]{{3}}){{1,3}})?(Z|[+-][0-2][0-9]:[0-6][0-9])?\Z"
    ),
    st.from_regex(r"\A[0-3][0-9]/[01][0-9]/(20|00)[0-9]{2} [0-2][0-9]:[0-6][0-9](:[0-6][0-9](\.[0-9]{1,7})?)?\Z"),
    st.from_regex(r"\A-?[0-9]{8,17}\Z"),
    # In Sao Paulo's summer time of 2018 this hour was not there; in that of 2018's end it was there twice.
    st.sampled_from(["2018-11-04 00:30:00", "2018-02-17T23:30:00", "04/11/2018 00:30", "2018-11-04T00:30:00-03:00"]),
)
WORDS = st.sampled_from(
    ["", "x", "X", "EUR", "eur", "Eur", "buy", "BUY", "crypto:BTC", "BTC", "u" * 501, "1,5E+13", "a b"]
)
ROWS = st.lists(st.tuples(st.one_of(WORDS, NUMBERS), NUMBERS, TIMES, WORDS), min_size=1, max_size=30)
Rows = list[tuple[str, str, str, str]]


def _by_readers(kernel: Kernel) -> Kernel:
    groups = [
        replace(group, columns=tuple(replace(one, quick=None, constant=None) for one in group.columns))
        for group in kernel.groups
    ]
    return replace(kernel, groups=tuple(groups))


def _compare(fields: dict[str, Any], rows: Rows) -> None:
    names = ("id", "number", "time", "word")
    raw = records({name: [row[place] for row in rows] for place, name in enumerate(names)})
    kernel = compiled(fields, names, identity={"columns": ["exec_id"]})
    assert_frame_equal(
        standardize(raw, kernel=kernel, facts=facts()), standardize(raw, kernel=_by_readers(kernel), facts=facts())
    )


@given(rows=ROWS)
@example(rows=[("1", "1.50", "2024-03-01T10:00:00.000+01:00", "EUR"), ("2", "-0", "1709283600000", "buy")])
@example(rows=[("1", "100", "2018-02-17T23:30:00", "EUR"), ("2", "1" + "0" * 15, "2018-11-04T00:30:00", "u" * 501)])
@settings(max_examples=60, deadline=None)
def test_all_is_read_as_by_the_readers(rows: Rows) -> None:
    _compare({**FIELDS, "date": None}, rows)
    _compare({**FIELDS, **DAYS}, rows)


@given(rows=ROWS, form=st.sampled_from(FORMATS))
@settings(max_examples=40, deadline=None)
def test_every_form_of_times_is_read_as_by_the_readers(rows: Rows, form: str) -> None:
    times = {"column": "time", "formats": [form, "iso"], "zone": ZONE}
    _compare({"transact_time": times, "date": times | {"column": "word | time"}}, rows)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("amount", "12.50"),
        ("amount", "-12"),
        ("last_px", "0,07"),
        ("transact_time", "2024-03-01T10:00:00Z"),
        ("transact_time", "2024-03-01 10:00:00.123456+05:30"),
        ("transact_time", "2024-03-01T10:00:00"),
        ("transact_time", "1709283600123"),
        ("date", "2024-03-01"),
        ("currency", "EUR"),
        ("commission_currency", "EUR"),
        ("side", "buy"),
        ("exec_id", "a-1"),
    ],
)
def test_what_is_plainly_written_is_left_to_no_reader(field: str, text: str) -> None:
    spec = {**FIELDS, **DAYS}[field]
    kernel = compiled({**dict.fromkeys(REQUIRED), field: spec}, [spec["column"]])
    (group,) = kernel.groups
    begun = begin(pl.DataFrame({"record|": [1], spec["column"]: [text]}), group.columns)[field]
    assert begun.rows is None
    assert begun.reading.value.null_count() == 0


def test_a_few_strange_texts_leave_the_others_alone() -> None:
    texts = ["1.5", "007", "1e5", "12.50", "x", "", "-3"]
    result = judge({"amount": {"column": "a"}, "last_qty": {"column": "a"}}, {"a": texts})
    assert [str(value) for value in result["last_qty"].drop_nulls()] == [
        f"{number}{'0' * 17}" for number in ("1.5", "7.0", "12.5", "-3.0")
    ]
    assert result["outcome"].to_list() == [
        "accepted",
        "accepted",
        "rejected",
        "accepted",
        "rejected",
        "rejected",
        "rejected",
    ]
