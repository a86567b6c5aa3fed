"""JSON texts that mean the same, and that do not."""

import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from nexus_data.verify.meanings import meaning

_NUMBERS = st.decimals(allow_nan=False, allow_infinity=False).map(lambda number: f"{number:f}")


@given(_NUMBERS, _NUMBERS)
def test_numbers_mean_the_same_if_they_are_equal(one: str, other: str) -> None:
    assert (meaning(one) == meaning(other)) == (Decimal(one) == Decimal(other))
    assert meaning(one) == meaning(f"{Decimal(one):e}")
    assert meaning(one) != meaning(json.dumps(one))


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.text() | st.integers(), min_size=1))
def test_neither_order_nor_space_means_anything(document: dict[str, object]) -> None:
    turned = dict(reversed(document.items()))
    assert meaning(json.dumps(document)) == meaning(json.dumps(turned, indent=2, ensure_ascii=False))
