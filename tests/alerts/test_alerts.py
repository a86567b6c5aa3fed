"""Each thing that can be wrong fires one alert, is told once to every channel, and once more when it is over."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from nexus_data.alerts.look import known, look
from nexus_data.alerts.model import Condition
from nexus_data.errors import SettingError
from nexus_data.notify import Message, channels, send
from nexus_data.postgres.connect import connection
from nexus_data.settings import Settings
from nexus_data.status import status
from tests.alerts.arrivals import arrive, insert
from tests.alerts.sinks import mailbox, webhook

START = datetime(2024, 3, 4, 8, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)


@pytest.fixture
def database(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    with connection(settings.postgres_url or "") as opened:
        opened.autocommit = True
        yield opened


def fired(settings: Settings, *, day: float, given: tuple[Condition, ...] = ()) -> list[tuple[str, str]]:
    """Kind and subject of every alert that is open after a look on that day."""
    look(settings, given=given, now=START + day * DAY)
    return [(alert.kind, alert.subject) for alert in known(settings)]


def test_nothing_is_wrong_with_an_empty_installation(settings: Settings) -> None:
    assert fired(settings, day=0) == []


def test_a_source_is_late_by_its_own_rhythm_weekends_and_all(
    settings: Settings, database: psycopg.Connection[Any]
) -> None:
    for day in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11):  # working days
        arrive(database, START + day * DAY)
        arrive(database, START + day * DAY, source="twice")
    arrive(database, START, source="once")
    assert fired(settings, day=14) == [], "after a weekend as long as the one before"
    assert fired(settings, day=15.3) == [("source_late", "bank"), ("source_late", "twice")]
    arrive(database, START + 15.5 * DAY)
    assert fired(settings, day=16) == [("source_late", "twice")]
    assert [row["source"] for row in status(settings).late] == ["bank", "twice"], "as it is now, years after"


def test_a_rejected_share_above_the_bound_is_told_until_a_better_file_comes(
    settings: Settings, database: psycopg.Connection[Any]
) -> None:
    arrive(database, START, records=100, rejected=5)
    assert fired(settings, day=1) == []
    arrive(database, START + DAY, records=100, rejected=6)
    arrive(database, START + 2 * DAY, source="other")
    assert fired(settings, day=3) == [("rejected_share", "bank")]
    assert fired(replace(settings, alert_rejected_share=0.06), day=3) == []
    arrive(database, START + 4 * DAY, records=100)
    assert fired(settings, day=5) == []


@pytest.mark.parametrize(("records", "told"), [(1001, True), (1000, False), (10, False), (9, True)])
def test_a_volume_far_from_its_history(
    settings: Settings, database: psycopg.Connection[Any], records: int, told: bool
) -> None:
    for minute in range(5):
        arrive(database, START + timedelta(minutes=minute))
    arrive(database, START + DAY, records=records)
    assert fired(settings, day=1) == ([("volume", "bank/all")] if told else [])


def test_quarantine_that_grows_and_files_that_wait(settings: Settings, database: psycopg.Connection[Any]) -> None:
    arrive(database, START, records=1000, rejected=20)
    arrive(database, START + 10 * DAY, records=1000, rejected=11)
    held = {"file_id": UUID(int=7), "status": "held", "user_id": "bob", "reason": "no contract knows it"}
    insert(database, "files", **held, name="odd.csv")
    assert fired(settings, day=11) == [("files_held", "bob"), ("quarantine_growing", "quarantine")]
    assert ("quarantine_growing", "quarantine") not in fired(settings, day=18)


def test_a_full_disk_and_a_cache_behind(settings: Settings, database: psycopg.Connection[Any]) -> None:
    insert(database, "generations", generation=1)
    database.execute(
        "INSERT INTO users (user_id, email, display_name, primary_pov_role, status, created_at, source, file_id, "
        "record_no, row_fp) VALUES ('ann', 'a@example.org', 'Ann', 'auditor', 'active', now(), 's', gen_random_uuid(), "
        "1, 1)"
    )
    found = fired(replace(settings, alert_disk_free=1.0), day=0)
    assert found == [("cache_behind", "redis"), ("disk", str(settings.home))]


def test_each_alert_is_told_once_and_once_when_it_is_over(settings: Settings) -> None:
    failed = Condition("run_failed", "ledger_run", "critical", "run 7 failed")
    with webhook() as hook, mailbox() as (mail_url, mails):
        watching = replace(settings, notify=(hook.url, mail_url))
        for hour in range(3):
            look(watching, given=(failed,), now=START + timedelta(hours=hour))
        assert hook.titles() == ["NEXUS critical: run failed: ledger_run"]
        assert hook.got[0]["type"] == "failure"
        assert "run 7 failed (since 2024-03-04 08:00 UTC)" in hook.got[0]["message"]
        look(watching, given=None, now=START + timedelta(hours=3))
        assert len(known(settings)) == 1, "who does not know the scheduler cannot say that a run is well again"
        for hour in (4, 5):
            found = look(watching, given=(), now=START + timedelta(hours=hour))
        assert (found.open, found.undelivered) == (0, 0)
        assert hook.titles()[1:] == ["NEXUS resolved: run failed: ledger_run"]
        assert hook.got[1]["message"].startswith("Over after 4:00:00. ")
        look(watching, given=(failed,), now=START + timedelta(hours=6))
        assert len(hook.got) == 3, "wrong again is told again"
        subjects = [line for mail in mails for line in mail.splitlines() if line.startswith("Subject:")]
        assert len(subjects) == 3
    assert [alert.resolved_at is None for alert in known(settings, open_only=False)] == [True, False]


def test_what_a_channel_does_not_take_is_tried_again_later(settings: Settings) -> None:
    failed = Condition("run_failed", "ledger_run", "critical", "run 7 failed")
    with webhook() as hook:
        hook.status = 500
        watching = replace(settings, notify=(hook.url,))
        assert look(watching, given=(failed,), now=START).undelivered == 1
        hook.status = 200
        assert look(watching, given=(failed,), now=START + timedelta(seconds=30)).undelivered == 1, "not due yet"
        assert look(watching, given=(failed,), now=START + timedelta(minutes=2)).undelivered == 0
        assert len(hook.got) == 1


def test_two_looks_at_once_book_an_alert_once(settings: Settings, database: psycopg.Connection[Any]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    failed = Condition("run_failed", "ledger_run", "critical", "run 7 failed")
    with webhook() as hook:
        watching = replace(settings, notify=(hook.url,))
        with ThreadPoolExecutor(4) as pool:
            looks = [pool.submit(look, watching, given=(failed,), now=START) for _ in range(8)]
        assert sum(len(one.result().fired) for one in looks) == 1
        look(watching, given=(failed,), now=START + DAY)
        assert len(hook.got) == 1
    assert database.execute("SELECT count(*) FROM alerts").fetchone() == (1,)


def test_a_channel_that_cannot_be_read_is_refused_without_its_secret() -> None:
    with pytest.raises(SettingError, match=r"URL 2 of 2 \(nonsense:\.\.\.\)") as refused:
        channels(("json://127.0.0.1/", "nonsense://user:secret@host"))
    assert "secret" not in str(refused.value)
    (channel,) = channels(("json://127.0.0.1:9/?password=secret",))
    assert "secret" not in channel.name
    assert send(channel, Message("t", "x")), "nobody listens there"
