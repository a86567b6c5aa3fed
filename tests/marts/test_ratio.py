"""The law of the one division that marts make: exact, six places, halves away from zero."""

from decimal import Context, Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from nexus_data.mart_declarations import read_mart
from nexus_data.marts import compute
from tests.canonical_rows import lake, row

MART = """-- grain: one row per milestone
-- key: milestone_id
-- refresh: full
-- column milestone_id: the milestone
-- column share: actual / planned
SELECT milestone_id, ratio(actual_amount, planned_amount) AS share FROM project_milestones
"""
EXACT_BELOW = 10**13
UNITS = 10**18

amounts = st.one_of(
    st.integers(-(EXACT_BELOW - 1) * UNITS, (EXACT_BELOW - 1) * UNITS),
    st.integers(-10, 10),
    st.integers(-1000, 1000).map(lambda whole: whole * UNITS),
).map(lambda units: Decimal(units).scaleb(-18, Context(prec=60)))


def _expected(part: Decimal, whole: Decimal) -> Decimal | None:
    if whole <= 0:
        return None
    millionths = Fraction(part) / Fraction(whole) * 1_000_000
    rounded = (abs(millionths) + Fraction(1, 2)).__floor__()
    return (Decimal(rounded if part >= 0 else -rounded)).scaleb(-6, Context(prec=60))


@settings(max_examples=30, deadline=None)
@given(pairs=st.lists(st.tuples(amounts, amounts), min_size=1, max_size=50))
def test_ratio_is_the_exact_quotient_rounded_once(pairs: list[tuple[Decimal, Decimal]]) -> None:
    milestones = [
        row("project_milestones", milestone_id=f"{place:03}", actual_amount=part, planned_amount=whole)
        for place, (part, whole) in enumerate(pairs)
    ]
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "share.sql").write_text(MART)
        files = lake(folder, project_milestones=milestones)
        (found,) = compute(files, evidence={}, out=folder / "out", marts=[read_mart(folder / "share.sql")])
        shares = pl.read_ipc(found.path)["share"].to_list()
    assert shares == [_expected(part, whole) for part, whole in pairs]
