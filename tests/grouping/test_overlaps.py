"""Overlapping exports of one ledger: whatever the windows, a trade of several rows is the same operation in each."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.grouping.statement import FIELDS, contract, judged

LEDGER = contract(fields={**FIELDS, "description": {"column": "time"}})
ROWS = st.lists(
    st.tuples(
        st.integers(10, 14).map(str),
        st.sampled_from(["trade", "trade", "fee", "gift"]),
        st.sampled_from(["BTC", "USD"]),
        st.sampled_from(["1", "-2", "-0.5"]),
    ),
    max_size=40,
).map(lambda rows: sorted(rows, key=lambda row: row[0]))


@given(rows=ROWS, first_ends=st.integers(10, 15), second_begins=st.integers(10, 15), latest_first=st.booleans())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_exports_that_overlap_publish_what_one_export_of_all_would(
    rows: list[tuple[str, ...]], first_ends: int, second_begins: int, latest_first: bool, tmp_path: Path
) -> None:
    second_begins = min(first_ends, second_begins)
    windows = [
        [row for row in rows if int(row[0]) < first_ends],
        [row for row in rows if int(row[0]) >= second_begins],
    ]
    if latest_first:
        windows = [windows[0][::-1], windows[1]]
    published: Counter[bytes] = Counter()
    for window in windows:
        published |= _identities(window, tmp_path)
    assert published == _identities(rows, tmp_path)


def _identities(rows: Sequence[tuple[str, ...]], folder: Path) -> Counter[bytes]:
    found = judged(rows, LEDGER, folder)
    return Counter(row["identity"] for row in found.values() if row["outcome"] == "accepted")
