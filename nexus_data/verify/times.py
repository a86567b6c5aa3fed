"""Times as people write them, by regular expressions and datetime; local times are placed by zoneinfo, or refused."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from nexus_data.verify.numbers import Style, number

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)
_MICRO = timedelta(microseconds=1)
_FIRST = (datetime(1000, 1, 1, tzinfo=UTC) - EPOCH) // _MICRO
_LAST = (datetime(9999, 12, 31, tzinfo=UTC) - EPOCH) // _MICRO
_LONGEST_DAY = 25 * 3_600_000
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_EPOCHS = {
    "epoch_s": Decimal(1_000_000),
    "epoch_ms": Decimal(1000),
    "epoch_us": Decimal(1),
    "epoch_ns": Decimal("0.001"),
}


class Clock(NamedTuple):
    """What a text says: microseconds since 1970 of an instant, or of a local clock. too_precise: finer than that."""

    micros: int
    local: bool
    too_precise: bool = False


class Timed(NamedTuple):
    """A value (microseconds, or a day as YYYY-MM-DD) or None, and the codes of the rules that the text breaks."""

    value: int | str | None
    codes: tuple[str, ...] = ()


Form = Callable[[str], Clock | None]


class UnknownFormError(ValueError):
    """A time format with something in it that the verifier does not know."""


@cache
def zone_of(name: str) -> ZoneInfo | None:
    """The time zone, if there is one of that name."""
    return ZoneInfo(name) if name in available_timezones() else None


def instant(text: str, forms: tuple[Form, ...], zone: ZoneInfo) -> Timed:
    """The instant by the first form that the text is in."""
    for form in forms:
        clock = form(text)
        if clock is None:
            continue
        micros, codes = _placed(clock, zone)
        if clock.too_precise:
            return Timed(None, (*codes, "TOO_PRECISE"))
        if codes:
            return Timed(None, codes)
        if micros is not None and _FIRST <= micros <= _LAST:
            return Timed(micros)
    return Timed(None, ("UNPARSABLE",))


def day(text: str, forms: tuple[Form, ...], zone: ZoneInfo, *, iso: bool) -> Timed:
    """The day as written, or that of an instant in the zone. iso: whether a bare ISO day is one of the forms."""
    for form in forms:
        clock = form(text)
        found = None if clock is None else _day_of(clock, zone)
        if found is None and iso:
            found = _iso_day(text)
        if found is not None and found >= "1000-01-01":
            return Timed(found)
    return Timed(None, ("UNPARSABLE",))


def local_day(micros: int, zone: ZoneInfo) -> str:
    """The day on which an instant falls in a zone."""
    return (EPOCH + timedelta(microseconds=micros)).astimezone(zone).date().isoformat()


@lru_cache(maxsize=4096)
def midnight(day: str, zone: ZoneInfo) -> Timed:
    """The instant at which a day begins."""
    clock = Clock((datetime.fromisoformat(day) - _NAIVE_EPOCH) // _MICRO, local=True)
    micros, codes = _placed(clock, zone)
    return Timed(micros, codes)


def after_midnight(day: str, millis: str, zone: ZoneInfo) -> Timed:
    """The instant so many milliseconds after a day began, which must still be on that day."""
    start = midnight(day, zone)
    passed = number(millis, Style())
    if passed is None:
        return Timed(None, (*start.codes, "UNPARSABLE"))
    micros = passed * 1000
    if micros != micros.to_integral_value():
        return Timed(None, (*start.codes, "TOO_PRECISE"))
    if not isinstance(start.value, int):
        return Timed(None, start.codes)
    value = start.value + int(micros)
    if not 0 <= passed <= _LONGEST_DAY or local_day(value, zone) != day:
        return Timed(None, ("UNPARSABLE",))
    return Timed(value)


@cache
def form_of(text: str) -> Form:
    """How texts of a format are read. Raises UnknownFormError."""
    if text in _EPOCHS:
        return _epoch(_EPOCHS[text])
    return _iso if text == "iso" else _strptime(text)


def _placed(clock: Clock, zone: ZoneInfo) -> tuple[int | None, tuple[str, ...]]:
    if not clock.local:
        return clock.micros, ()
    naive = _NAIVE_EPOCH + timedelta(microseconds=clock.micros)
    first = naive.replace(tzinfo=zone).utcoffset()
    second = naive.replace(tzinfo=zone, fold=1).utcoffset()
    if first is None or second is None:
        return None, ()
    if first != second:
        # Before a gap the clock is behind, before an overlap it is ahead of what follows.
        return None, ("DST_GAP" if first < second else "DST_OVERLAP",)
    return clock.micros - first // _MICRO, ()


def _day_of(clock: Clock, zone: ZoneInfo) -> str | None:
    try:
        if clock.local:
            return (_NAIVE_EPOCH + timedelta(microseconds=clock.micros)).date().isoformat()
        return local_day(clock.micros, zone)
    except OverflowError:
        return None


def _iso_day(text: str) -> str | None:
    found = re.fullmatch(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})", text)
    try:
        return date(*map(int, found.groups())).isoformat() if found else None
    except ValueError:
        return None


def _epoch(unit: Decimal) -> Form:
    def read(text: str) -> Clock | None:
        count = number(text, Style())
        if count is None:
            return None
        micros = count * unit
        if abs(micros) >= 1 << 63:
            return None
        whole = int(micros)
        return Clock(whole, local=False, too_precise=micros != whole)

    return read


_ISO = re.compile(
    r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})[Tt ]([0-9]{2}):?([0-9]{2})(?::?([0-9]{2})(?:[.,]([0-9]+))?)?"
    r" ?([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)


def _iso(text: str) -> Clock | None:
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    year, month, day_, hour, minute, second, fraction, offset = found.groups()
    return _clock(
        (int(year), int(month), int(day_)), (int(hour), int(minute), int(second or 0)), fraction or "", _offset(offset)
    )


def _offset(text: str | None) -> int | None:
    """Minutes east; None for none."""
    if text is None:
        return None
    if text in "Zz":
        return 0
    digits = text[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    if hours > 23 or minutes > 59:
        return _IMPOSSIBLE
    return (hours * 60 + minutes) * (-1 if text[0] == "-" else 1)


_IMPOSSIBLE = 1 << 20


def _clock(day_: tuple[int, int, int], time: tuple[int, int, int], fraction: str, offset: int | None) -> Clock | None:
    if offset == _IMPOSSIBLE:
        return None
    try:
        naive = datetime(*day_, *time, int(fraction[:6].ljust(6, "0")))
    except ValueError:
        return None
    micros = (naive - _NAIVE_EPOCH) // _MICRO - (offset or 0) * 60_000_000
    return Clock(micros, local=offset is None, too_precise=bool(fraction[6:].strip("0")))


_PARTS = {
    "Y": r"\s*(?P<Y>[0-9]{1,4})",
    "y": r"\s*(?P<y>[0-9]{1,2})",
    "m": r"\s*(?P<m>[0-9]{1,2})",
    "d": r"\s*(?P<d>[0-9]{1,2})",
    "e": r"\s*(?P<d>[0-9]{1,2})",
    "H": r"\s*(?P<H>[0-9]{1,2})",
    "k": r"\s*(?P<H>[0-9]{1,2})",
    "I": r"\s*(?P<I>[0-9]{1,2})",
    "l": r"\s*(?P<I>[0-9]{1,2})",
    "M": r"\s*(?P<M>[0-9]{1,2})",
    "S": r"\s*(?P<S>[0-9]{1,2})",
    "p": r"(?P<p>[AaPp][Mm])",
    "P": r"(?P<p>[AaPp][Mm])",
    "b": r"(?P<b>[A-Za-z]{3})",
    "h": r"(?P<b>[A-Za-z]{3})",
    "B": r"(?P<b>(?i:" + "|".join(_MONTHS) + r")|[A-Za-z]{3})",
    "a": r"(?P<a>[A-Za-z]{3})",
    "A": r"(?P<a>(?i:" + "|".join(_DAYS) + r")|[A-Za-z]{3})",
    ".f": r"(?:\.(?P<f>[0-9]+))?",
    ".3f": r"(?:\.(?P<f>[0-9]+))?",
    ".6f": r"(?:\.(?P<f>[0-9]+))?",
    ".9f": r"(?:\.(?P<f>[0-9]+))?",
    "3f": r"(?P<f>[0-9]{3})",
    "6f": r"(?P<f>[0-9]{6})",
    "z": r"(?P<z>[+-][0-9]{2}:?[0-9]{2})",
    ":z": r"(?P<z>[+-][0-9]{2}:?[0-9]{2})",
    "#z": r"(?P<z>[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)",
    "%": "%",
}
_WHOLE = {"F": "%Y-%m-%d", "T": "%H:%M:%S", "R": "%H:%M", "D": "%m/%d/%y"}
_DIRECTIVE = re.compile(r"%(?P<d>[.:#]?[0-9]?[A-Za-z%])|(?P<s>\s+)|(?P<t>[^%\s]+)")


def _strptime(form: str) -> Form:
    for short, long in _WHOLE.items():
        form = form.replace(f"%{short}", long)
    pattern = re.compile("".join(_piece(found, form) for found in _DIRECTIVE.finditer(form)))

    def read(text: str) -> Clock | None:
        found = pattern.fullmatch(text)
        return None if found is None else _read_parts(found.groupdict())

    return read


def _piece(found: re.Match[str], form: str) -> str:
    if found["s"]:
        return r"\s*"
    if found["t"]:
        return re.escape(found["t"])
    try:
        return _PARTS[found["d"]]
    except KeyError:
        raise UnknownFormError(f"time format {form!r}: %{found['d']}") from None


def _read_parts(part: dict[str, str | None]) -> Clock | None:
    year, month, hour = _year(part), _month(part), _hour(part)
    if year is None or month is None or hour is None:
        return None
    days = (year, month, int(part.get("d") or 0))
    times = (hour, int(part.get("M") or 0), int(part.get("S") or 0))
    clock = _clock(days, times, part.get("f") or "", _offset(part.get("z")))
    return clock if clock is None or _is_weekday(part.get("a"), days) else None


def _year(part: dict[str, str | None]) -> int | None:
    if part.get("Y"):
        return int(part["Y"] or 0)
    if part.get("y"):
        short = int(part["y"] or 0)
        return short + (2000 if short < 70 else 1900)
    return None


def _month(part: dict[str, str | None]) -> int | None:
    name = part.get("b")
    if name is None:
        return int(part["m"]) if part.get("m") else None  # type: ignore[arg-type]
    return next((place for place, month in enumerate(_MONTHS, 1) if month[:3] == name[:3].lower()), None)


def _hour(part: dict[str, str | None]) -> int | None:
    if part.get("I") is None:
        return int(part.get("H") or 0)
    hour = int(part["I"] or 0)
    if not 1 <= hour <= 12:
        return None
    return hour % 12 + (12 if (part.get("p") or "").lower() == "pm" else 0)


def _is_weekday(name: str | None, days: tuple[int, int, int]) -> bool:
    return name is None or _DAYS[date(*days).weekday()][:3] == name[:3].lower()
