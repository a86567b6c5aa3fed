"""Periods as people write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus_data.errors import ReportError
from nexus_data.report.period import before, containing, period

KINDS = ("day", "week", "month", "quarter", "year")
DAYS = st.dates(date(1, 1, 8), date(9999, 12, 24))


@pytest.mark.parametrize(
    ("text", "first", "last", "label"),
    [
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29), "29 February 2024"),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3), "Week 53 of 2026"),
        ("2025-02", date(2025, 2, 1), date(2025, 2, 28), "February 2025"),
        ("2025-Q4", date(2025, 10, 1), date(2025, 12, 31), "Quarter 4 of 2025"),
        ("2025", date(2025, 1, 1), date(2025, 12, 31), "2025"),
    ],
)
def test_first_and_last_day_are_within(text, first, last, label):
    found = period(text)
    assert (found.first, found.last, found.label) == (first, last, label)


@pytest.mark.parametrize("text", ["2025-13", "2025-W54", "2025-02-30", "2025-Q5", "25-03", "2025-3", "", "2025-03 "])
def test_another_text_is_refused_with_what_would_do(text):
    with pytest.raises(ReportError, match="2025-W09"):
        period(text)


@given(day=DAYS, kind=st.sampled_from(KINDS))
def test_periods_of_a_kind_lie_side_by_side(day, kind):
    found = containing(day, kind)
    assert found.first <= day <= found.last
    assert (found, found.kind) == (period(found.text), kind)
    if found.first > date(2, 1, 1):
        assert before(found).last == found.first - timedelta(days=1)
