"""Times name the instant that the text names, compared with zoneinfo, or are rejected: nothing is cut or guessed."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel.judging import judge, told

ZONES = ("Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kolkata", "UTC")


def read(texts: list[str], *formats: str, **spec: Any) -> list[tuple[datetime | None, str | None]]:
    """transact_time and reasons of texts in these formats."""
    fields = {"transact_time": {"column": "t", "formats": list(formats), **spec}}
    return told(judge(fields, {"t": texts}), "transact_time")


def in_zone(local: datetime, zone: str) -> tuple[datetime | None, str | None]:
    """What zoneinfo says about a local time: a gap does not come back from UTC, an overlap has two instants."""
    first = local.replace(tzinfo=ZoneInfo(zone), fold=0)
    if first.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local:
        return None, "DST_GAP:transact_time"
    if first.utcoffset() != first.replace(fold=1).utcoffset():
        return None, "DST_OVERLAP:transact_time"
    return first.astimezone(UTC), None


def around(zone: str, year: int) -> list[datetime]:
    """Local times near every change of the zone's offset in a year, each quarter of an hour."""
    days = (datetime(year, 1, 1) + timedelta(days=n) for n in range(366))
    near = [d for d in days if offset(d, zone) != offset(d + timedelta(days=1), zone)]
    return [day + timedelta(minutes=15 * n) for day in near for n in range(-4, 25 * 4)]


def offset(local: datetime, zone: str) -> timedelta | None:
    return local.replace(tzinfo=ZoneInfo(zone)).utcoffset()


@pytest.mark.parametrize("zone", ZONES)
def test_every_change_of_the_clock_is_a_gap_an_overlap_or_one_instant(zone: str) -> None:
    # Sao Paulo kept changing its clocks at midnight until 2019.
    moments = [m for year in (2018, 2024) for m in around(zone, year)] + [datetime(2024, 2, 29, 23, 59, 59)]
    texts = [moment.strftime("%d-%m-%Y %H:%M:%S") for moment in moments]
    assert read(texts, "%d-%m-%Y %H:%M:%S", zone=zone) == [in_zone(moment, zone) for moment in moments]


@given(
    moments=st.lists(st.datetimes(datetime(1900, 1, 1), datetime(2037, 12, 31)), min_size=1, max_size=40),
    zone=st.sampled_from(ZONES),
)
@settings(max_examples=15, deadline=None)
def test_local_times_are_those_of_zoneinfo(moments: list[datetime], zone: str) -> None:
    moments = [m for m in moments if m.year >= 1970 or zone == "UTC"]
    texts = [m.isoformat() for m in moments]
    assert read(texts, "iso", zone=zone) == [in_zone(m, zone) for m in moments]


@given(
    moments=st.lists(st.datetimes(datetime(1000, 1, 2), datetime(9999, 12, 30)), min_size=1, max_size=40),
    offsets=st.lists(st.integers(-14 * 60, 14 * 60), min_size=1, max_size=3),
    digits=st.sampled_from((1, 1000, 1_000_000)),
)
@settings(max_examples=25, deadline=None)
def test_iso_times_with_an_offset_are_instants(moments: list[datetime], offsets: list[int], digits: int) -> None:
    zones = [timezone(timedelta(minutes=minutes)) for minutes in offsets]
    aware = [
        m.replace(microsecond=m.microsecond // digits * digits, tzinfo=zones[place % len(zones)])
        for place, m in enumerate(moments)
    ]
    wanted = [(m.astimezone(UTC), None) for m in aware]
    written = {1: "auto", 1000: "milliseconds", 1_000_000: "seconds"}[digits]
    texts = [m.isoformat(timespec=written).replace("+00:00", "Z") for m in aware]
    assert read(texts, "iso", zone="Europe/Amsterdam") == wanted


AT = datetime(2024, 2, 29, 12, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2024-02-29T12:30:15Z", AT),
        ("2024-02-29T12:30:15z", AT),
        ("2024-02-29 12:30:15+00:00", AT),
        ("2024-02-29T13:30:15+01", AT),
        ("2024-02-29T13:30:15+0100", AT),
        ("2024-02-29T12:30:15.000000000Z", AT),
        ("2024-02-29T12:30:15,5Z", AT + timedelta(milliseconds=500)),
        ("20240229T123015Z", AT),
        ("2024-02-29T12:30Z", AT.replace(second=0)),
        ("2024-02-29T13:30:15", AT),
        ("2024-02-29 13:30", AT.replace(second=0)),
        ("2024-02-29T13:30:15.123456", AT + timedelta(microseconds=123456)),
        ("2024-02-29 07:00:15-05:30", AT),
    ],
)
def test_iso_forms(text: str, wanted: datetime) -> None:
    assert read([text], "iso", zone="Europe/Amsterdam") == [(wanted, None)]
    # Beside a text of the other sort it reads the same.
    for other in ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00", "2024-01-01T00:00:00.000Z"):
        assert read([other, text], "iso", zone="Europe/Amsterdam")[1] == (wanted, None)


@pytest.mark.parametrize(
    "text",
    [
        *("2024-02-30T00:00:00Z", "2023-02-29T00:00:00", "2024-02-29T24:00:00Z", "2024-02-29", "24-02-29T12:00:00Z"),
        *("2024-02-29T23:59:60Z", "2016-12-31T23:59:60", "2024-02-29T12:00:00+25:00", "2024-02-29T12:00:00+01:75"),
        *("2024-13-01T00:00:00Z", "2024-02-29T12:00:00ZZ", "2024-02-29T12", "x", "1709209815", "0024-02-29T12:00:00Z"),
    ],
)
def test_what_is_no_iso_time_is_unparsable(text: str) -> None:
    assert read([text, "2024-01-01T00:00:00Z"], "iso")[0] == (None, "UNPARSABLE:transact_time")
    for first in ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00.000+01:00", "2024-01-01T00:00:00.000000Z"):
        assert read([first, text], "iso")[1] == (None, "UNPARSABLE:transact_time")


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ("2024-02-29T12:30:15.1234567Z", "iso"),
        ("2024-02-29T12:30:15.0000001", "iso"),
        ("2024-02-29T12:30:15.123456789123Z", "iso"),
        ("29/02/2024 12:30:15.1234567", "%d/%m/%Y %H:%M:%S%.f"),
        ("1709209815123456789", "epoch_ns"),
        ("1709209815.1234567", "epoch_s"),
        ("1709209815123.0001", "epoch_ms"),
        ("1709209815123456.1", "epoch_us"),
    ],
)
def test_what_is_finer_than_microseconds_is_too_precise(text: str, format: str) -> None:  # noqa: A002
    assert read([text], format) == [(None, "TOO_PRECISE:transact_time")]


@given(st.lists(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)), min_size=1, max_size=40))
@settings(max_examples=10, deadline=None)
def test_counts_since_1970(moments: list[datetime]) -> None:
    wanted = [(moment.replace(tzinfo=UTC), None) for moment in moments]
    micros = [(moment - datetime(1970, 1, 1)) // timedelta(microseconds=1) for moment in moments]
    assert read([str(m) for m in micros], "epoch_us") == wanted
    assert read([f"{m}000" for m in micros], "epoch_ns") == wanted
    for format_, places in (("epoch_s", 6), ("epoch_ms", 3)):
        signed = [f"{'-' if m < 0 else ''}{abs(m) // 10**places}.{abs(m) % 10**places:0{places}d}" for m in micros]
        assert read(signed, format_) == wanted


def test_a_count_in_the_wrong_unit_is_no_time() -> None:
    assert read(["1709209815123456", "9999999999999999999999"], "epoch_s") == [(None, "UNPARSABLE:transact_time")] * 2


def test_formats_are_tried_in_order_on_what_is_still_open() -> None:
    texts = ["01/02/2024 10:00", "2024-03-04", "13/14/2024 10:00", "1709209815", "", "2024-03-04T05:06:07Z", "?"]
    found = read(texts, "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%Y-%m-%d", "epoch_s", "iso")
    assert found == [
        (datetime(2024, 2, 1, 10, tzinfo=UTC), None),
        (datetime(2024, 3, 4, tzinfo=UTC), None),
        (None, "UNPARSABLE:transact_time"),
        (AT, None),
        (None, None),
        (datetime(2024, 3, 4, 5, 6, 7, tzinfo=UTC), None),
        (None, "UNPARSABLE:transact_time"),
    ]


def test_written_months_halves_of_the_day_and_offsets() -> None:
    assert read(["Feb 29, 2024 01:30:15 PM +0100"], "%b %d, %Y %I:%M:%S %p %z") == [(AT, None)]
    assert read(["29-FEB-24 12:30:15"], "%d-%b-%y %H:%M:%S") == [(AT, None)]
    assert read(["01/02/24 10:00"], "%d/%m/%Y %H:%M") == [(None, "UNPARSABLE:transact_time")]


def test_a_column_may_name_the_zone() -> None:
    columns = {
        "t": ["2024-07-01T12:00:00"] * 4 + ["2024-03-31T02:30:00", "", "2024-07-01T12:00:00Z"],
        "z": ["Europe/Berlin", "America/New_York", "", "Mars/Base", "Europe/Berlin", "Mars/Base", "Asia/Kolkata"],
    }
    fields = {"transact_time": {"column": "t", "zone_column": "z", "zone": "Asia/Tokyo"}}
    result = judge(fields, columns)
    assert told(result, "transact_time") == [
        (datetime(2024, 7, 1, 10, tzinfo=UTC), None),
        (datetime(2024, 7, 1, 16, tzinfo=UTC), None),
        (datetime(2024, 7, 1, 3, tzinfo=UTC), None),
        (None, "UNKNOWN_ZONE:transact_time"),
        (None, "DST_GAP:transact_time"),
        (None, None),
        (datetime(2024, 7, 1, 12, tzinfo=UTC), None),
    ]


def test_the_date_follows_from_the_time() -> None:
    time = {"column": "t"}
    texts = ["2024-02-29T23:30:00Z", "2023-12-31T22:30:00Z", "", "x", "2024-03-31T02:30:00"]
    result = judge({"date": None, "transact_time": time}, {"t": texts}, timezone="Europe/Berlin")
    assert list(zip(result["date"], result["month"], result["reasons"], strict=True)) == [
        (date(2024, 3, 1), "2024-03", None),
        (date(2023, 12, 31), "2023-12", None),
        (None, "", "MISSING:date"),
        (None, "", "UNPARSABLE:transact_time"),
        (None, "", "DST_GAP:transact_time"),
    ]
    # A date that names the same text and forms is the same date.
    assert judge({"date": time, "transact_time": time}, {"t": texts}, timezone="Europe/Berlin").equals(result)


def test_the_date_follows_in_the_zone_that_the_column_names() -> None:
    time = {"column": "t", "zone_column": "z"}
    columns = {"t": ["2024-02-29T23:30:00Z"] * 3, "z": ["Europe/Berlin", "America/New_York", ""]}
    result = judge({"date": None, "transact_time": time}, columns)
    assert result["date"].to_list() == [date(2024, 3, 1), date(2024, 2, 29), date(2024, 2, 29)]


@pytest.mark.parametrize(
    ("text", "formats", "wanted"),
    [
        ("2024-02-29", ["iso"], date(2024, 2, 29)),
        ("20240229", ["iso"], date(2024, 2, 29)),
        ("2024-02-29T23:30:00Z", ["iso"], date(2024, 3, 1)),
        ("2024-02-29T23:30:00", ["iso"], date(2024, 2, 29)),
        ("29.02.2024", ["%d.%m.%Y"], date(2024, 2, 29)),
        ("29.02.2024 23:59", ["%d.%m.%Y", "%d.%m.%Y %H:%M"], date(2024, 2, 29)),
        ("1709249400000", ["epoch_ms"], date(2024, 3, 1)),
        # A day is a day even when its time is not there in the zone, or finer than a microsecond.
        ("2024-03-31T02:30:00.123456789", ["iso"], date(2024, 3, 31)),
    ],
)
def test_days_are_read_as_written_and_instants_become_local_days(text: str, formats: list[str], wanted: date) -> None:
    fields = {"date": {"column": "d", "formats": formats, "zone": "Europe/Berlin"}}
    assert told(judge(fields, {"d": [text]}), "date") == [(wanted, None)]


def test_days_that_are_none() -> None:
    texts = ["2023-02-29", "2024-2-30", "0024-02-29", "24-02-29", "2024-02-29x", ""]
    result = judge({"date": {"column": "d"}}, {"d": texts})
    assert result["reasons"].to_list() == ["UNPARSABLE:date"] * 5 + ["MISSING:date"]


def test_milliseconds_after_local_midnight_are_time_that_passed() -> None:
    noon, day = str(12 * 3_600_000), 24 * 3_600_000
    columns = {
        "d": ["20240701", "20240331", "20241027", "20241027", "20240331", "20240701", "", "20240701", "2024070x"],
        "ms": [noon, noon, noon, str(day), str(day), "-1", noon, "", noon],
    }
    spec = {"column": "d", "formats": ["%Y%m%d"], "day_ms": "ms", "zone": "Europe/Berlin"}
    assert told(judge({"transact_time": spec}, columns), "transact_time") == [
        (datetime(2024, 7, 1, 10, tzinfo=UTC), None),
        (datetime(2024, 3, 31, 11, tzinfo=UTC), None),
        (datetime(2024, 10, 27, 10, tzinfo=UTC), None),
        (datetime(2024, 10, 27, 22, tzinfo=UTC), None),
        (None, "UNPARSABLE:transact_time"),
        (None, "UNPARSABLE:transact_time"),
        (None, None),
        (None, None),
        (None, "UNPARSABLE:transact_time"),
    ]


def test_a_midnight_that_is_not_there_is_a_gap_and_fine_milliseconds_are_told() -> None:
    columns = {"d": ["20181104", "20240701", "20240701", "20240701"], "ms": ["0", "0.001", "0.0001", "9" * 30]}
    spec = {"column": "d", "formats": ["%Y%m%d"], "day_ms": "ms", "zone": "America/Sao_Paulo"}
    assert told(judge({"transact_time": spec}, columns), "transact_time") == [
        (None, "DST_GAP:transact_time"),
        (datetime(2024, 7, 1, 3, 0, 0, 1, tzinfo=UTC), None),
        (None, "TOO_PRECISE:transact_time"),
        (None, "UNPARSABLE:transact_time"),
    ]
