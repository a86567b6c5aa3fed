"""Data quality by the day on which files arrived: every count and share by hand."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import polars as pl

from nexus_data.quality import measures
from tests.canonical_rows import row

FIRST, SECOND = UUID(int=1).bytes, UUID(int=2).bytes
NIGHT = datetime(2024, 5, 10, 23, 59, 59, tzinfo=UTC)
MORNING = datetime(2024, 5, 11, 0, 0, 1, tzinfo=UTC)
ABOUT = {"source": "bank", "table_name": "trading_operations", "user_id": "ada"}
LANDED = {FIRST: NIGHT, SECOND: MORNING}


def _hop(hop, came, file_id=FIRST, **became):
    return row("ledger", **{**ABOUT, "hop": hop, "records_in": came, "file_id": file_id, **became})


def _file(file_id=FIRST, **given):
    return row("files", **{**ABOUT, "file_id": file_id, "landed_at": LANDED[file_id], "status": "published", **given})


def _operation(day, file_id=FIRST, **given):
    return row("trading_operations", **{"source": "bank", "file_id": file_id, "date": day, **given})


LEDGER = [
    _hop("read", 10, passed=9, rejected=1),
    _hop("standardize", 9, passed=7, rejected=1, skipped=1),
    _hop("deduplicate", 7, passed=4, duplicate=1, superseded=1, rejected=1),
    _hop("publish", 4, passed=4),
    _hop("supersede", 1, superseded=1),
    _hop("read", 3, SECOND, passed=3),
    _hop("deduplicate", 3, SECOND, passed=3),
]


def test_a_day_by_hand(mart):
    operations = [_operation(date(2024, 5, 1), account_id="a", symbol="S"), _operation(date(2024, 5, 4), venue="X")]
    found, _ = mart("data_quality_daily", ledger=LEDGER, files=[_file(), _file(SECOND)], trading_operations=operations)
    assert {name: found[name] for name in ("user_id", "source", "table_name", "date", "files", "files_held")} == {
        "user_id": "ada",
        "source": "bank",
        "table_name": "trading_operations",
        "date": date(2024, 5, 10),
        "files": 1,
        "files_held": 0,
    }
    counts = (
        "records",
        "published",
        "rejected",
        "duplicate",
        "superseded",
        "skipped",
        "held",
        "compared",
        "inconsistent",
    )
    assert [found[name] for name in counts] == [10, 3, 3, 1, 2, 1, 0, 7, 1]
    assert (found["table_rows"], found["places"], found["filled"]) == (2, 22, 3)
    assert (found["dated"], found["age_days"], found["timeliness"]) == (2, 9 + 6, Decimal("7.5"))
    assert found["completeness"] == Decimal("0.136364")  # 3 of 22
    assert found["validity"] == Decimal("0.666667")  # 6 of the 9 that were judged
    assert found["uniqueness"] == Decimal("0.833333")  # 5 of 6
    assert found["consistency"] == Decimal("0.857143")  # 6 of 7


def test_midnight_in_utc_parts_the_days(mart):
    rows = mart("data_quality_daily", ledger=LEDGER, files=[_file(), _file(SECOND)])
    assert [(one["date"], one["records"]) for one in rows] == [(date(2024, 5, 10), 10), (date(2024, 5, 11), 3)]


def test_a_replay_mends_the_day_of_its_file(mart):
    replay = [_hop("replay", 2, passed=2), _hop("deduplicate", 2, passed=2)]
    found, _ = mart("data_quality_daily", ledger=[*LEDGER, *replay], files=[_file(), _file(SECOND)])
    assert (found["records"], found["rejected"], found["published"]) == (10, 1, 5)
    assert found["validity"] == Decimal("0.888889")


def test_days_add_up_to_the_source(mart):
    tables = {"ledger": LEDGER, "files": [_file(), _file(SECOND)], "trading_operations": [_operation(date(2024, 5, 1))]}
    (whole,) = mart("data_quality", **tables)
    days = mart("data_quality_daily", **tables)
    for name in ("files", "records", "published", "rejected", "duplicate", "superseded", "skipped", "held"):
        assert sum(day[name] for day in days) == whole[name], name


def test_what_waits_judges_nobody(mart):
    held = {"source": "unknown", "table_name": "unknown"}
    (found,) = mart(
        "data_quality_daily",
        ledger=[_hop("read", 4, held=4, **held)],
        files=[_file(source="unknown", table_name=None, status="held")],
    )
    assert (found["files_held"], found["held"]) == (1, 4)
    assert [found[name] for name in ("completeness", "validity", "uniqueness", "consistency", "timeliness")] == [
        None
    ] * 5


def test_plots_tell_of_the_day_by_source(mart, tmp_path):
    other = [_hop("read", 2, passed=1, rejected=1, source="broker")]
    rows = mart("data_quality_daily", ledger=[*LEDGER, *other], files=[_file(), _file(SECOND)])
    pl.DataFrame(rows).write_ipc(tmp_path / "rows.arrow")
    told = measures(tmp_path / "rows.arrow", day=date(2024, 5, 10))
    assert told["validity/bank"] == 0.666667
    assert told["validity/broker"] == 0.5
    assert told["validity"] == round(7 / 11, 6)
    assert "completeness" not in told
    assert measures(tmp_path / "rows.arrow", day=date(2024, 5, 12)) == {}


def test_a_file_of_two_owners_stands_with_the_first_by_name(mart):
    files = [_file(), _file(user_id="bob")]
    rows = mart("data_quality_daily", files=files, trading_operations=[_operation(date(2024, 5, 1), user_id="bob")])
    assert [(one["user_id"], one["files"], one["table_rows"]) for one in rows] == [("ada", 1, 1), ("bob", 1, 0)]
