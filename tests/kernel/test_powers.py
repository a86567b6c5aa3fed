"""Numbers that end in a power of ten are the numbers that they say, where a contract allows them."""

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus_data.contract.model import Numbers
from nexus_data.errors import ContractError
from nexus_data.kernel.numbers import check_style, read_number, sign_of

_POINT = Numbers(powers=True)
_SCALE = 18


@given(
    st.lists(
        st.from_regex(r"[+-]?[0-9]{1,8}(\.[0-9]{1,8})?[eE][+-]?[0-9]{1,2}", fullmatch=True), min_size=1, max_size=20
    )
)
def test_they_are_read_as_exactly_as_python_reads_them(texts: list[str]) -> None:
    reading = read_number(pl.Series(texts), style=_POINT, scale=_SCALE)
    signs = pl.DataFrame({"t": texts}).select(sign_of(pl.col("t"), style=_POINT)).to_series()
    for row, text in enumerate(texts):
        value = Decimal(text)
        assert signs[row] == (value > 0) - (value < 0)
        read = reading.value[row]
        if read is None:
            assert abs(value) >= Decimal(10) ** 20 or value.normalize() != round(value.normalize(), _SCALE)
        else:
            assert read == value


@pytest.mark.parametrize("text", ["1,5E-05", "1.5E-005", "1.5E", "E-05", "1e1.5", "1.5E-05 EUR", "1 500E-05"])
def test_nothing_else_becomes_a_number_by_them(text: str) -> None:
    assert read_number(pl.Series([text]), style=_POINT, scale=_SCALE).broken["UNPARSABLE"].to_list() == [True]


def test_they_are_read_where_the_contract_says_so_alone_and_never_beside_mixed_marks() -> None:
    assert read_number(pl.Series(["3.605E-05"]), style=Numbers(), scale=_SCALE).value.to_list() == [None]
    comma = Numbers(decimal=",", powers=True)
    assert read_number(pl.Series(["-3,605E-05"]), style=comma, scale=_SCALE).value.to_list() == [Decimal("-0.00003605")]
    with pytest.raises(ContractError, match="powers"):
        check_style(Numbers(decimal="last", powers=True))
