"""Times from text to the API: the same instant everywhere, or a code. Zones, gaps, overlaps, leap days, year ends."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import polars as pl
import pytest
from hypothesis import strategies as st
from litestar.testing import TestClient

from nexus_data import lake
from nexus_data.api.app import create_app
from nexus_data.landing import discover
from nexus_data.pipeline import run_all
from nexus_data.postgres.connect import connection
from nexus_data.settings import Settings
from nexus_data.tokens import issue
from tests.exactness.drawn import drawn
from tests.exactness.installation import Home

RECORDS = 250
_ZONES = (
    "Europe/Amsterdam",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour of summer time
    "Asia/Kathmandu",
    "America/St_Johns",
    "Africa/Casablanca",
    "Pacific/Apia",  # a whole day that never was
    "UTC",
)
_LEAP_DAY, _APIA = date(2024, 2, 29), date(2011, 12, 30)


@dataclass(frozen=True, slots=True)
class Time:
    """A text, its zone where it names one, and what it must come to: an instant with the day, or codes."""

    text: str
    zone: str
    instant: datetime | None
    day: date | None = None
    codes: frozenset[str] = frozenset()


def _changes() -> list[tuple[str, date]]:
    """Zones and the days on which their clocks change."""
    days = [datetime(2024, 1, 1) + timedelta(days=number) for number in range(366)]
    return [
        (zone, day.date())
        for zone in _ZONES
        for day in days
        if _offset_at(zone, day) != _offset_at(zone, day + timedelta(days=1))
    ]


def _offset_at(zone: str, local: datetime) -> timedelta | None:
    return local.replace(tzinfo=ZoneInfo(zone)).utcoffset()


def _local(zone: str, day: date, seconds: int, fraction: str) -> Time:
    micros = int(fraction[:6].ljust(6, "0")) if fraction else 0
    naive = datetime(day.year, day.month, day.day) + timedelta(seconds=seconds, microseconds=micros)
    text = naive.strftime("%Y-%m-%d %H:%M:%S") + (f".{fraction}" if fraction else "")
    if zone not in _ZONES:
        return Time(text, zone, None, codes=frozenset({"UNKNOWN_ZONE"}))
    if fraction[6:].strip("0"):
        return Time(text, zone, None, codes=frozenset({"TOO_PRECISE"}))
    early, late = (naive.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
    if early.utcoffset() == late.utcoffset():
        return Time(text, zone, early.astimezone(UTC), day)
    there = early.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == naive
    return Time(text, zone, None, codes=frozenset({"DST_OVERLAP" if there else "DST_GAP"}))


def _offset(day: date, seconds: int, fraction: str, minutes: int) -> Time:
    local = _local("UTC", day, seconds, fraction)
    sign, rest = "-" if minutes < 0 else "+", abs(minutes)
    text = local.text.replace(" ", "T") + (f"{sign}{rest // 60:02d}:{rest % 60:02d}" if minutes else "Z")
    if local.instant is None:
        return Time(text, "", None, codes=local.codes)
    instant = local.instant - timedelta(minutes=minutes)
    return Time(text, "", instant, instant.date())


def _epoch(day: date, seconds: int, fraction: str) -> Time:
    millis = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000 + seconds * 1000
    text = f"{millis}.{fraction}" if fraction else str(millis)
    if fraction[3:].strip("0"):
        return Time(text, "", None, codes=frozenset({"TOO_PRECISE"}))
    micros = int(fraction[:3].ljust(3, "0")) if fraction else 0
    instant = datetime.fromtimestamp(millis // 1000, UTC) + timedelta(microseconds=micros)
    return Time(text, "", instant, instant.date())


_NO_TIMES = st.sampled_from(
    ["2023-02-29T10:00:00Z", "2024-13-01T00:00:00Z", "2024-01-32", "yesterday", "2100-02-29T00:00:00Z", "24:00"]
).map(lambda text: Time(text, "", None, codes=frozenset({"UNPARSABLE"})))
_DAYS = st.sampled_from([_LEAP_DAY, _APIA, date(2023, 12, 31), date(2024, 1, 1), date(2024, 3, 31), date(2024, 7, 1)])
_SECONDS = st.one_of(st.integers(0, 86_399), st.just(86_399))
_FRACTIONS = st.one_of(
    st.just(""),
    st.integers(0, 999_999).map("{:06d}".format),
    st.sampled_from(["9", "999999", "123456789", "123456000"]),
)
LOCAL = st.one_of(
    st.builds(_local, st.sampled_from([*_ZONES, "Mars/Olympus"]), _DAYS, _SECONDS, _FRACTIONS),
    st.builds(
        lambda change, seconds, fraction: _local(*change, seconds, fraction),
        st.sampled_from(_changes()),
        st.integers(0, 4 * 3600),
        _FRACTIONS,
    ),
)
ABSOLUTE = st.one_of(
    st.builds(_offset, _DAYS, _SECONDS, _FRACTIONS, st.sampled_from([0, 0, 345, -210, 840, -720, 60])),
    st.builds(_epoch, _DAYS, _SECONDS, st.sampled_from(["", "", "5", "125", "0625", "1250"])),
    _NO_TIMES,
)


@dataclass(frozen=True, slots=True)
class Published:
    """A run over all times, by exec_id."""

    times: dict[str, Time]
    settings: Settings
    quarantine: dict[tuple[str, int], set[str]]

    def good(self) -> dict[str, tuple[datetime, date]]:
        """What the good ones must come to."""
        return {name: (one.instant, one.day) for name, one in self.times.items() if one.instant and one.day}


@pytest.fixture(scope="module")
def published(installed: Home) -> Iterator[Published]:
    """One whole run over local times, each row with its zone, and over absolute ones."""
    with installed() as settings:
        local = {f"L{place}": one for place, one in enumerate(drawn(LOCAL, number=RECORDS))}
        absolute = {f"A{place}": one for place, one in enumerate(drawn(ABSOLUTE, number=RECORDS))}
        paths = [settings.home / "local.csv", settings.home / "absolute.csv"]
        _write(paths[0], [_bitvavo(name, one) for name, one in local.items()])
        _write(paths[1], [_plain(name, one) for name, one in absolute.items()])
        summary = run_all(settings, discover(settings, paths, user="u1"))
        assert summary.balanced
        assert summary.held == 0
        with connection(str(settings.postgres_url)) as database:
            rows = database.execute("SELECT source, record_no, rules FROM quarantine").fetchall()
        rules = {(source, number): set(text.split(";")) for source, number, text in rows}
        yield Published(local | absolute, settings, rules)


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _bitvavo(name: str, one: Time) -> dict[str, str]:
    day, _, clock = one.text.partition(" ")
    return {
        "Timezone": one.zone,
        "Date": day,
        "Time": clock,
        "Type": "buy",
        "Currency": "BTC",
        "Amount": "1",
        "Quote Currency": "EUR",
        "Quote Price": "2",
        "Received / Paid Currency": "EUR",
        "Received / Paid Amount": "-2",
        "Fee currency": "EUR",
        "Fee amount": "0.1",
        "Status": "Completed",
        "Transaction ID": name,
        "Address": "",
    }


def _plain(name: str, one: Time) -> dict[str, str]:
    given = {
        "exec_id": name,
        "transact_time": one.text,
        "user_id": "u1",
        "type": "expense",
        "category": "fee",
        "amount": "1",
        "currency": "EUR",
    }
    others = "account_id side symbol security_id last_qty last_px commission commission_currency venue milestone_id"
    return {**given, **dict.fromkeys([*others.split(), "description"], "")}


def test_there_are_times_of_every_kind(published: Published) -> None:
    codes = {code for one in published.times.values() for code in one.codes}
    assert codes == {"TOO_PRECISE", "UNKNOWN_ZONE", "DST_GAP", "DST_OVERLAP", "UNPARSABLE"}
    days = {day for _, day in published.good().values()}
    assert {_LEAP_DAY, date(2023, 12, 31), date(2024, 1, 1)} <= days
    assert any(one.day == _APIA for one in published.times.values())
    assert not any(one.day == _APIA for one in published.times.values() if one.zone == "Pacific/Apia")


def test_postgres_holds_the_instants_of_the_text(published: Published) -> None:
    with connection(str(published.settings.postgres_url)) as database:
        rows = database.execute("SELECT exec_id, transact_time, date FROM trading_operations").fetchall()
    assert {name: (instant, day) for name, instant, day in rows} == published.good()


def test_the_lake_holds_the_instants_of_the_text(published: Published) -> None:
    files = lake.files(published.settings.home, "trading_operations")
    rows = pl.read_parquet(files).select("exec_id", "transact_time", "date").rows()
    assert {name: (instant, day) for name, instant, day in rows} == published.good()


def test_the_api_answers_with_the_instants_of_the_text(published: Published) -> None:
    headers = {"Authorization": f"Bearer {issue(published.settings, 'u1', lifetime=timedelta(minutes=5))}"}
    with TestClient(create_app(published.settings)) as client:
        answer = client.get("/api/v3/trading-operations", params={"limit": "1000"}, headers=headers)
    got: list[dict[str, Any]] = msgspec.json.decode(answer.content)["operations"]
    expected = {
        name: (instant.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), day.isoformat())
        for name, (instant, day) in published.good().items()
    }
    assert {one["exec_id"]: (one["transact_time"], one["date"]) for one in got} == expected


def test_what_cannot_be_kept_is_rejected_with_its_code(published: Published) -> None:
    sources = {"L": "bitvavo", "A": "nexus"}
    expected = {(sources[name[0]], int(name[1:]) + 1): one.codes for name, one in published.times.items() if one.codes}
    got = {
        place: {rule.split(":")[0] for rule in rules if rule.split(":")[0] != "MISSING"}
        for place, rules in published.quarantine.items()
    }
    assert got == expected
