"""Every broken rule is told, once, in the table's order; nothing in the result is a float."""

import polars as pl
import pytest

from nexus_data.kernel import compile_contract, standardize
from nexus_data.kernel.standardize import BLANK
from nexus_data.tables import CANONICAL
from nexus_data.tables.model import Kind
from nexus_data.tables.polars_schema import schema
from tests.kernel.judging import contract, facts, judge, records


def test_every_broken_rule_of_a_record_is_told_in_the_tables_order() -> None:
    names = ("currency", "amount", "category", "type", "last_qty", "last_px", "transact_time", "date", "commission")
    columns = {
        "currency": ["QQQ", ""],
        "amount": ["-0.0000000000000000001", ""],
        "category": ["gift", ""],
        "type": ["Income", ""],
        "last_qty": ["123456789012345678901.1234567890123456789", ""],
        "last_px": ["1e3", ""],
        "transact_time": ["2024-03-31T02:30:00", ""],
        "date": ["31/03/2024", ""],
        "commission": ["-5", ""],
        "note": ["", "x"],
    }
    fields = {name: {"column": name} for name in names}
    result = judge(fields, columns, timezone="Europe/Berlin")
    assert result["reasons"].to_list() == [
        "UNPARSABLE:date;DST_GAP:transact_time;UNKNOWN_VALUE:type;UNKNOWN_VALUE:category;TOO_PRECISE:amount;"
        "UNKNOWN_CURRENCY:currency;TOO_LARGE:last_qty;TOO_PRECISE:last_qty;UNPARSABLE:last_px",
        "MISSING:date;MISSING:category;MISSING:amount;MISSING:currency",
    ]
    assert result["outcome"].to_list() == ["rejected", "rejected"]


def test_a_record_without_any_text_is_skipped_unless_a_kind_says_what_it_is() -> None:
    columns = {"date": ["2024-03-01", "", " \t", ""], "amount": ["1", "", "\u00a0", ""], "note": ["", "", "", "x"]}
    fields = {name: {"column": name} for name in ("date", "amount")}
    result = judge(fields, columns)
    assert result["outcome"].to_list() == ["accepted", "skipped", "skipped", "rejected"]
    assert result["reasons"].to_list()[1:] == [BLANK, BLANK, "MISSING:date;MISSING:amount"]
    kinds = [
        {"name": "filler", "when": [{"column": "date", "empty": True}], "skip": "a line between"},
        {"name": "rest"},
    ]
    assert judge(fields, columns, kinds=kinds)["reasons"].to_list() == [None, *["a line between"] * 3]


def test_what_marts_add_up_stays_below_a_limit_so_that_no_two_records_stop_a_run() -> None:
    most, over = "999999999999999.999999999999999999", "1000000000000000"
    columns = {"amount": [most, over, "1"], "last_qty": [most, "1", f"{over}.5"], "commission": [f"-{over}0000"] * 3}
    result = judge({name: {"column": name} for name in columns}, columns)
    assert result["reasons"].to_list() == [None, "TOO_LARGE:amount", "TOO_LARGE:last_qty"]


@pytest.mark.parametrize("name", list(CANONICAL))
def test_the_result_has_the_declared_columns_and_no_float(name: str) -> None:
    table = CANONICAL[name]
    given = {f.name for f in table.fields if f.name not in ("operation_id", "password_hash", "source", "generation")}
    given -= {"file_id", "record_no", "row_fp"}
    fields: dict[str, object] = {n: {"column": n} for n in given} | {
        n: None for n in ("date", "category", "amount", "currency") if n not in given
    }
    kernel = compile_contract(contract(fields, sorted(given), table=name), name="test")
    columns = {n: ["1", ""] for n in sorted(given)} | {"note": ["", "x"]}
    result = standardize(records(columns), kernel=kernel, facts=facts())
    operations = name == "trading_operations"
    declared = {n: dtype for n, dtype in schema(table).items() if n not in ("operation_id", "generation")}
    marks = {"outcome": pl.String(), "reasons": pl.String(), "month": pl.String(), "content_fp": pl.Int64()}
    marks |= {"identity": pl.Binary(), "by_content": pl.Boolean()} if operations else {}
    assert dict(result.schema) == declared | marks
    assert result.columns[:5] == ["record_no", "row_fp", "outcome", "reasons", "month"]
    assert not any(dtype.is_float() for dtype in result.dtypes)
    assert set(result["month"]) == {""}
    required = {f.name for f in table.fields if f.required and f.name in given}
    required -= {"user_id"} if name in ("trading_operations", "projects", "frenly_ai_tasks") else set()
    assert set(result["reasons"][1].split(";")) == {f"MISSING:{n}" for n in required}


@pytest.mark.parametrize("name", list(CANONICAL))
def test_no_records_give_no_rows_of_the_same_shape(name: str) -> None:
    table = CANONICAL[name]
    text = next(f.name for f in table.fields if f.kind is Kind.TEXT and f.name not in ("source", "password_hash"))
    fields: dict[str, object] = dict.fromkeys(("date", "category", "amount", "currency"))
    fields |= {text: {"column": "a"}}
    kernel = compile_contract(contract(fields, ["a"], table=name), name="test")
    some = standardize(records({"a": ["x"]}), kernel=kernel, facts=facts())
    none = standardize(records({"a": []}), kernel=kernel, facts=facts())
    assert none.height == 0
    assert none.schema == some.schema
