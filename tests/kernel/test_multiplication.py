"""Factors and products are exact or rejected: compared with Python's integers."""

from decimal import Decimal, localcontext
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel.judging import judge, told


def times(*parts: Decimal) -> Decimal:
    """The exact product."""
    with localcontext(prec=400):
        result = Decimal(1)
        for part in parts:
            result *= part
        return result


def fits(number: Decimal, *, whole: int, fraction: int) -> bool:
    left, _, right = f"{number.copy_abs():f}".partition(".")
    return len(left.lstrip("0")) <= whole and len(right.rstrip("0")) <= fraction


def decimals(digits: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.builds(
        lambda coefficient, exponent: Decimal(coefficient).scaleb(-exponent),
        st.integers(-(10 ** min(digits, 28)) + 1, 10 ** min(digits, 28) - 1),
        st.integers(0, places),
    )


def compare(result: Any, field: str, wanted: list[Decimal], *, whole: int, fraction: int) -> None:
    for (value, reasons), number in zip(told(result, field), wanted, strict=True):
        if fits(number, whole=whole, fraction=fraction):
            assert (value, reasons) == (number, None)
        else:
            assert value is None
            assert set(reasons.split(";")) <= {f"TOO_LARGE:{field}", f"TOO_PRECISE:{field}"}


@given(
    texts=st.lists(decimals(28, 22), min_size=1, max_size=40),
    factor=st.sampled_from(["0.01", "0.0001", "100", "-1", "1.5", "0.000000000000000001", "12345678901234567890", "0"]),
)
@settings(max_examples=20, deadline=None)
def test_a_factor_multiplies_exactly(texts: list[Decimal], factor: str) -> None:
    for field, whole, fraction in (("commission", 20, 18), ("last_px", 18, 20)):
        result = judge({field: {"column": "n", "factor": factor}}, {"n": [f"{text:f}" for text in texts]})
        compare(result, field, [times(text, Decimal(factor)) for text in texts], whole=whole, fraction=fraction)


@given(pairs=st.lists(st.tuples(decimals(20, 18), decimals(18, 20)), min_size=1, max_size=40))
@settings(max_examples=20, deadline=None)
def test_a_product_is_exact(pairs: list[tuple[Decimal, Decimal]]) -> None:
    fields = {
        "commission": {"product": ["last_qty", "last_px"]},
        "last_qty": {"column": "q", "sign": "absolute"},
        "last_px": {"column": "p"},
    }
    pairs = [(q.copy_abs(), p) for q, p in pairs if fits(q, whole=15, fraction=18) and fits(p, whole=18, fraction=20)]
    result = judge(fields, {"q": [f"{q:f}" for q, _ in pairs], "p": [f"{p:f}" for _, p in pairs]})
    compare(result, "commission", [times(q, p) for q, p in pairs], whole=20, fraction=18)


def test_a_product_at_the_edges_of_the_digits() -> None:
    fields = {
        "commission": {"product": ["last_qty", "last_px"]},
        "last_qty": {"column": "q"},
        "last_px": {"column": "p"},
    }
    cases = {
        ("999999999999999.999999999999999999", "1"): ("999999999999999.999999999999999999", None),
        ("999999999999999.999999999999999999", "100000"): ("99999999999999999999.9999999999999", None),
        ("999999999999999.999999999999999999", "1000000"): (None, "TOO_LARGE:commission"),
        ("0.000000000000000001", "0.1"): (None, "TOO_PRECISE:commission"),
        ("400000000000000", "0.00000000000000000025"): ("0.0001", None),
        ("999999999999999.999999999999999999", "999999999999999999.99999999999999999999"): (
            None,
            "TOO_LARGE:commission;TOO_PRECISE:commission",
        ),
        ("0", "999999999999999999.99999999999999999999"): ("0", None),
    }
    result = judge(fields, {"q": [q for q, _ in cases], "p": [p for _, p in cases]})
    wanted = [(None if value is None else Decimal(value), why) for value, why in cases.values()]
    assert told(result, "commission") == wanted


def test_a_product_takes_sign_and_factors_and_is_empty_with_an_empty_part() -> None:
    fields = {
        "amount": {
            "product": ["last_qty", "last_px"],
            "sign": "absolute",
            "factor": "100",
            "factor_by": {"column": "c", "map": {"GBX": "0.01"}},
        },
        "last_qty": {"column": "q"},
        "last_px": {"column": "p"},
    }
    columns = {"q": ["2", "2", "", "x"], "p": ["-1.25", "1.25", "1", "1"], "c": ["GBX", "", "", ""]}
    result = judge(fields, columns)
    # What cannot be computed because a part is broken is not called missing as well.
    assert told(result, "amount") == [
        (Decimal("2.5"), None),
        (Decimal(250), None),
        (None, "MISSING:amount"),
        (None, "UNPARSABLE:last_qty"),
    ]


def test_factors_by_another_column_leave_other_rows_alone() -> None:
    price = {"column": "p", "factor_by": {"column": "c", "map": {"GBX": "0.01", "mil": "0.001"}}}
    columns = {"p": ["496", "496", "496.5", "", "x"], "c": ["gbx ", "GBP", "Mil", "GBX", "GBX"]}
    result = judge({"last_px": price}, columns)
    assert told(result, "last_px") == [
        (Decimal("4.96"), None),
        (Decimal(496), None),
        (Decimal("0.4965"), None),
        (None, None),
        (None, "UNPARSABLE:last_px"),
    ]
