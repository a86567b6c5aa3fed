"""When duties are due, and what their periods are called. All in UTC; nothing here asks a clock or a database."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

Every = Literal["hour", "day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty, once every `every`, at minute `minute` and (but for hourly ones) hour `hour`; weeks begin on Monday."""

    name: str
    every: Every
    minute: int
    hour: int
    doc: str

    @property
    def cron(self) -> str:
        """As cron writes it."""
        hour = "*" if self.every == "hour" else str(self.hour)
        day = "1" if self.every == "month" else "*"
        return f"{self.minute} {hour} {day} * {'1' if self.every == 'week' else '*'}"

    def last_due(self, now: datetime) -> datetime:
        """The newest instant at which it was due, at or before now."""
        due = self._in_period(now)
        return due if due <= now else self._in_period(_first(self.every, now) - timedelta(minutes=1))

    def period(self, at: datetime) -> str:
        """The name of the period that an instant at or after it is due belongs to: 2025-03-01T14, ..., 2025-W09."""
        first = self.last_due(at)
        if self.every == "week":
            year, week, _ = first.isocalendar()
            return f"{year}-W{week:02d}"
        return first.strftime({"hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d", "month": "%Y-%m"}[self.every])

    def _in_period(self, at: datetime) -> datetime:
        hours = 0 if self.every == "hour" else self.hour
        return _first(self.every, at) + timedelta(hours=hours, minutes=self.minute)


def _first(every: Every, at: datetime) -> datetime:
    """The first instant of the calendar period that an instant lies in."""
    at = at.astimezone(UTC)
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if every == "hour":
        return day + timedelta(hours=at.hour)
    if every == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if every == "month" else day


VERIFY_CHANGES = Duty("verify_changes", "hour", 7, 0, "Verifies the files of generations that nobody has verified yet.")
REFRESH_MARTS = Duty("refresh_marts", "day", 5, 0, "Computes the marts as of the new day: what is late, by its date.")
CLEANUP = Duty("cleanup", "day", 30, 2, "Removes what retention lets go.")
MAINTENANCE = Duty("maintenance", "day", 0, 3, "Statistics, vacuum, small lake files put together, sizes.")
VERIFY_ALL = Duty("verify_all", "week", 0, 4, "Verifies everything, from raw files to answers, on Mondays.")
DAILY_REPORTS = Duty("daily_reports", "day", 30, 5, "Writes the reports of the day before.")
WEEKLY_REPORTS = Duty("weekly_reports", "week", 0, 6, "Writes the reports of the week before, on Mondays.")
MONTHLY_REPORTS = Duty("monthly_reports", "month", 30, 6, "Writes the reports of the month before, on its first day.")

REPORTS = (DAILY_REPORTS, WEEKLY_REPORTS, MONTHLY_REPORTS)
DUTIES = {one.name: one for one in (VERIFY_CHANGES, REFRESH_MARTS, CLEANUP, MAINTENANCE, VERIFY_ALL, *REPORTS)}
"""Every duty, by name."""
