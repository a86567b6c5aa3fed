"""Holds: what they name, how they are lifted, and that none is ever forgotten."""

from datetime import date

import pytest

from nexus_data import holds
from nexus_data.errors import HoldError
from nexus_data.holds import Scope, period_bounds
from nexus_data.landing import Landing
from nexus_data.pipeline import run_all
from nexus_data.settings import Settings


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-12", date(2024, 12, 1), date(2024, 12, 31)),
        ("2024-03-15", date(2024, 3, 15), date(2024, 3, 15)),
        ("2024-11..2025-01", date(2024, 11, 1), date(2025, 1, 31)),
    ],
)
def test_periods_are_read_as_people_write_them(text: str, first: date, last: date) -> None:
    assert period_bounds(text) == (first, last)


@pytest.mark.parametrize("text", ["", "24", "2024-13", "2024-02-30", "2024-03..2024-01", "2024-1"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(HoldError, match="no period"):
        period_bounds(text)


def test_a_hold_is_lifted_once_and_stays_in_the_history(settings: Settings) -> None:
    first = holds.add(settings, Scope(user="ann", period="2024-03"), reason="case 7", made_by="bob")
    second = holds.add(settings, Scope(), reason="case 8", made_by="bob")
    assert (first.hold_id, second.hold_id) == (1, 2)
    assert second.told() == "everything"

    holds.remove(settings, 1, reason="acquitted", removed_by="eve")
    assert [one.hold_id for one in holds.listed(settings)] == [2]
    kept = {one.hold_id: one for one in holds.listed(settings, everything=True)}
    assert (kept[1].reason, kept[1].removed_by, kept[1].removed_reason) == ("case 7", "eve", "acquitted")
    with pytest.raises(HoldError, match="no hold 1 in force"):
        holds.remove(settings, 1, reason="again", removed_by="eve")


def test_a_file_is_held_by_its_name_or_its_hash(settings: Settings) -> None:
    file = settings.home / "users.csv"
    file.write_text(
        "user_id,email,display_name,primary_pov_role,status,created_at\n"
        "ann,ann@example.org,Ann,auditor,active,2023-01-01T00:00:00Z\n"
    )
    (outcome,) = run_all(settings, [Landing(file)]).outcomes
    named = holds.add(settings, Scope(file="users.csv"), reason="case 9", made_by="bob")
    hashed = holds.add(settings, Scope(file=outcome.sha256[:8]), reason="case 9", made_by="bob")
    assert named.file_id == hashed.file_id
    with pytest.raises(HoldError, match=r"no file other\.csv"):
        holds.add(settings, Scope(file="other.csv"), reason="case 9", made_by="bob")
