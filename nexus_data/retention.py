"""How long what is kept, by kind; what is evidence stays for ever unless somebody says otherwise."""

import re
from dataclasses import dataclass, fields
from datetime import date, timedelta

_AGE = re.compile(r"(\d{1,5})([md])")
_FOR_EVER = "never"


@dataclass(frozen=True, slots=True)
class Age:
    """So many whole calendar months, or so many days."""

    months: int = 0
    days: int = 0

    def before(self, today: date) -> date:
        """What is older than this day is older than the age; of months always the first day of one."""
        if not self.months:
            return today - timedelta(days=self.days)
        months = today.year * 12 + today.month - 1 - self.months
        return date(months // 12, months % 12 + 1, 1)

    def __str__(self) -> str:
        return f"{self.months} months" if self.months else f"{self.days} days"


@dataclass(frozen=True, slots=True)
class Retention:
    """None: for ever. `trading_operations` are month partitions in Postgres, by the date of the operations; the lake
    keeps them. `raw` are the bytes of kept files that nothing served needs any more. `quarantine` are raw texts of
    records that left it; the kept files have them. `generations` are those that nothing names. What is evidence besides
    (open quarantine, ledger, history, lake) has no age: it stays.
    """

    trading_operations: Age | None = None
    landing: Age | None = Age(days=90)
    lake_history: Age | None = Age(days=7)
    orchestrator: Age | None = Age(days=30)
    tasks: Age | None = Age(months=12)
    measurements: Age | None = Age(months=13)
    changes: Age | None = Age(months=12)
    reports: Age | None = Age(months=24)
    quarantine: Age | None = None
    raw: Age | None = None
    generations: Age | None = None


def parse(text: str) -> Retention:
    """`trading_operations=36m, landing=14d, orchestrator=never`: what is not named keeps its default.

    Raises ValueError that says what is wrong.
    """
    names = [field.name for field in fields(Retention)]
    given: dict[str, Age | None] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, age = (word.strip() for word in part.partition("="))
        if name not in names:
            raise ValueError(f"{name!r} is none of {', '.join(names)}")
        given[name] = _age(age)
    return Retention(**given)


def _age(text: str) -> Age | None:
    if text == _FOR_EVER:
        return None
    found = _AGE.fullmatch(text)
    if not found or not int(found[1]):
        raise ValueError(f"{text!r} is no age: write 36m for months, 14d for days, or {_FOR_EVER}")
    return Age(months=int(found[1])) if found[2] == "m" else Age(days=int(found[1]))
