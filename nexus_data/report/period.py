"""The span of days that a report tells of, as people write it: a day, an ISO week, a month, a quarter, a year."""

import re
from calendar import month_name
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from nexus_data.errors import ReportError

Kind = Literal["day", "week", "month", "quarter", "year"]
Bucket = Literal["day", "week", "month"]

_FORMS = (
    ("day", re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)")),
    ("week", re.compile(r"(?P<year>\d{4})-W(?P<week>\d\d)")),
    ("month", re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)")),
    ("quarter", re.compile(r"(?P<year>\d{4})-Q(?P<quarter>[1-4])")),
    ("year", re.compile(r"(?P<year>\d{4})")),
)
_SAID = "a day (2025-03-14), an ISO week (2025-W09), a month (2025-03), a quarter (2025-Q1) or a year (2025)"
_MONTHS_OF_QUARTER = 3


@dataclass(frozen=True, slots=True)
class Period:
    """text: as ISO 8601 writes it (a quarter: YYYY-Qn). first, last: its days, both within. bucket: the step by which
    its charts go."""

    text: str
    kind: Kind
    first: date
    last: date

    @property
    def bucket(self) -> Bucket:
        """A year goes by months, a quarter by weeks, all else by days."""
        return "month" if self.kind == "year" else "week" if self.kind == "quarter" else "day"

    @property
    def label(self) -> str:
        """As a title says it."""
        match self.kind:
            case "day":
                return f"{self.first.day} {month_name[self.first.month]} {self.first.year}"
            case "week":
                return f"Week {self.text[-2:]} of {self.text[:4]}"
            case "month":
                return f"{month_name[self.first.month]} {self.first.year}"
            case "quarter":
                return f"Quarter {self.text[-1]} of {self.text[:4]}"
            case "year":
                return self.text


def period(text: str) -> Period:
    """The period that a text names; ReportError for any other text."""
    for kind, form in _FORMS:
        if found := form.fullmatch(text):
            try:
                first, last = _days(kind, {name: int(number) for name, number in found.groupdict().items()})
            except (ValueError, OverflowError):
                break
            return Period(text, kind, first, last)  # type: ignore[arg-type]
    raise ReportError(f"--period {text!r} is no period: write {_SAID}")


def containing(day: date, kind: Kind) -> Period:
    """The period of that kind that a day is in."""
    week = day.isocalendar()
    texts = {
        "day": day.isoformat(),
        "week": f"{week.year:04}-W{week.week:02}",
        "month": f"{day.year:04}-{day.month:02}",
        "quarter": f"{day.year:04}-Q{(day.month - 1) // _MONTHS_OF_QUARTER + 1}",
        "year": f"{day.year:04}",
    }
    return period(texts[kind])


def before(given: Period) -> Period:
    """The period of the same kind that ends where this one begins."""
    return containing(given.first - timedelta(days=1), given.kind)


def _days(kind: str, part: dict[str, int]) -> tuple[date, date]:
    year = part["year"]
    match kind:
        case "day":
            day = date(year, part["month"], part["day"])
            return day, day
        case "week":
            monday = date.fromisocalendar(year, part["week"], 1)
            return monday, monday + timedelta(days=6)
        case "month":
            return date(year, part["month"], 1), _last_day(year, part["month"])
        case "quarter":
            last = part["quarter"] * _MONTHS_OF_QUARTER
            return date(year, last - _MONTHS_OF_QUARTER + 1, 1), _last_day(year, last)
    return date(year, 1, 1), date(year, 12, 31)


def _last_day(year: int, month: int) -> date:
    after = date(year + month // 12, month % 12 + 1, 1)
    return after - timedelta(days=1)
