"""Whatever the texts say, the kernel gives every record one outcome and never raises."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel.judging import judge

FIELDS: dict[str, Any] = {
    "date": {"column": "a", "formats": ["iso", "%d/%m/%y", "epoch_ns"], "zone_column": "b"},
    "transact_time": {"column": "a", "formats": ["%Y%m%d", "epoch_s", "iso"], "day_ms": "b", "zone_column": "c"},
    "amount": {"product": ["last_qty", "last_px"], "factor": "-0.01"},
    "last_qty": {"column": "b", "factor": "12345.678", "factor_by": {"column": "c", "map": {"x": "0.00001"}}},
    "last_px": {"column": "b | a", "signs": True, "accounting": True, "thousands": ", '"},
    "commission": {"column": "c", "decimal": ",", "thousands": ".", "sign": "negate"},
    "currency": {"column": "c", "crypto": True},
    "type": {"by_sign": {"column": "b", "positive": "income", "negative": "expense"}},
    "category": {"column": "c", "map": {"x": "fee"}, "otherwise": "keep"},
    "symbol": {"columns": ["a", "b", "c"], "extract": r"(\w+)\s*$", "case": "upper", "prefix": "p:"},
}
KINDS = [
    {"name": "skip", "when": [{"column": "a", "matches": "^#"}], "skip": "a remark"},
    {"name": "negative", "when": [{"column": "b", "sign": "negative"}], "set": {"description": "negative"}},
    {"name": "rest"},
]
NUMBERS = st.text("0123456789.,-+()$ €e'\u2212\u00a0", max_size=45)
TIMES = st.text("0123456789-:T Zz+./", max_size=30)
WORDS = st.sampled_from(["x", "EUR", "$", "Europe/Berlin", "America/Sao_Paulo", "3600000", "20240331", "9" * 40])
TEXT = st.one_of(NUMBERS, TIMES, WORDS, st.text(st.characters(codec="utf-8"), max_size=10))


@given(rows=st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=50))
@settings(max_examples=40, deadline=None)
def test_any_text_at_all(rows: list[tuple[str, str, str]]) -> None:
    columns = {name: [row[place] for row in rows] for place, name in enumerate("abc")}
    result = judge(FIELDS, columns, kinds=KINDS)
    assert result["record_no"].to_list() == list(range(1, len(rows) + 1))
    assert set(result["outcome"]) <= {"accepted", "rejected", "skipped"}
    assert ((result["outcome"] == "accepted") == result["reasons"].is_null()).all()
    assert result["row_fp"].null_count() == result["content_fp"].null_count() == result["identity"].null_count() == 0
