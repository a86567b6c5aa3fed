"""Raw texts of records that left quarantine go by retention, and the verifier says so; nothing else goes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nexus_data import cleanup, holds
from nexus_data.cleanup.step import Cleaned
from nexus_data.holds import Scope
from nexus_data.postgres.connect import connection
from nexus_data.quarantine.record import record
from nexus_data.retention import parse
from nexus_data.settings import Settings
from nexus_data.verify import verify
from tests.quarantine.conftest import Correct, Prove
from tests.spine.conftest import Ask, Land, RunFiles, operation

_LATER = datetime.now(UTC) + timedelta(days=400)
_TEXTS = "SELECT record_no, raw <> '' FROM quarantine ORDER BY record_no"


@pytest.fixture
def keeping(settings: Settings) -> Settings:
    return replace(settings, retention=parse("quarantine=12m"))


@pytest.fixture
def mended(run: RunFiles, correct: Correct, land: Land) -> None:
    """Of three rejected records two were corrected: these left quarantine, the third waits."""
    run(land("a.csv", [operation(1), *(operation(n, amount="many") for n in (2, 3, 4))]), user="u1")
    correct("a.csv,2,amount,2.25", "a.csv,3,amount,3.25")


def _found(done: Cleaned) -> list[tuple[int, str]]:
    return [(one.records, one.refused) for one in (*done.removed, *done.refused) if one.kind == "quarantine"]


@pytest.mark.usefixtures("mended")
def test_texts_of_mended_records_go_when_verified(
    settings: Settings, keeping: Settings, ask: Ask, prove: Prove
) -> None:
    assert _found(cleanup.plan(settings, now=_LATER)) == [], "never, unless somebody says so"
    assert _found(cleanup.plan(keeping)) == [], "not yet"
    ((records, refused),) = _found(cleanup.clean(keeping, now=_LATER))
    assert (records, refused[:12]) == (2, "not verified")
    assert verify(settings).differences == ()
    held = holds.add(settings, Scope(user="u1"), reason="case 7", made_by="eve")
    assert _found(cleanup.clean(keeping, now=_LATER)) == []
    holds.remove(settings, held.hold_id, reason="closed", removed_by="eve")

    assert _found(cleanup.clean(keeping, now=_LATER)) == [(2, "")]
    assert ask(_TEXTS) == [(2, False), (3, False), (4, True)]
    report = verify(settings)
    assert report.differences == ()
    assert [text[:22] for text in report.unchecked] == ["raw texts of 2 records"]
    prove()
    shown = record(settings, settings.postgres_url or "", file="a.csv", record_no=2)
    assert (shown.raw, shown.open, shown.fields["amount"]) == ("", False, "many")
    assert _found(cleanup.clean(keeping, now=_LATER)) == []


@pytest.mark.usefixtures("mended")
def test_a_text_that_no_cleanup_wrote_down_is_a_difference(settings: Settings, database_url: str) -> None:
    with connection(database_url) as database:
        database.execute("UPDATE quarantine SET raw = '' WHERE record_no = 2")
    assert sum(verify(settings).counts.values()) == 1


@pytest.mark.usefixtures("mended")
def test_another_text_in_the_place_of_one_that_went_is_a_difference(
    settings: Settings, keeping: Settings, database_url: str
) -> None:
    verify(settings)
    cleanup.clean(keeping, now=_LATER)
    with connection(database_url) as database:
        database.execute("UPDATE quarantine SET raw = 'x' WHERE record_no = 2")
        database.execute("UPDATE quarantine SET raw = '' WHERE record_no = 4")
    assert sum(verify(settings).counts.values()) == 2
