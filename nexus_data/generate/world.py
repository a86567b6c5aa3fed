"""The people, accounts, projects and milestones that a generated data set is about, all derived from the seed.

How they are written into files, and with which defects, is not decided here.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl

from nexus_data.generate import names
from nexus_data.generate.draws import number

ROLES = ("financial_examiner", "auditor", "compliance_officer", "executive", "prosecutor", "judge")


@dataclass(frozen=True, slots=True)
class User:
    """A user and the one account that each has at the platform."""

    user_id: str
    email: str
    display_name: str
    role: str
    created_at: datetime
    account_id: str


@dataclass(frozen=True, slots=True)
class Project:
    """budget: whole units of currency."""

    project_id: str
    owner: int
    key: str
    name: str
    status: str
    budget: int
    currency: str
    start: date
    end: date
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Milestone:
    """planned: whole units of the project's currency. owner: index of the project's owner among the users."""

    milestone_id: str
    project_id: str
    owner: int
    name: str
    planned: int
    currency: str
    due: date
    status: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class World:
    """Everything that operations refer to. begin: the first instant of the period, months: its length.

    instruments: symbol, isin, venue, currency, price (cents), as columns.
    """

    seed: int
    begin: datetime
    months: int
    users: tuple[User, ...]
    projects: tuple[Project, ...]
    milestones: tuple[Milestone, ...]
    instruments: pl.DataFrame

    @property
    def end(self) -> datetime:
        """The first instant after the period."""
        years, month = divmod(self.begin.month - 1 + self.months, 12)
        return self.begin.replace(year=self.begin.year + years, month=month + 1)


def build(*, seed: int, users: int, projects: int, symbols: int, months: int) -> World:
    """A world of the given sizes; symbols are at most those that `names` knows (about 220)."""
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    people = tuple(_user(seed, index) for index in range(users))
    works = tuple(_project(seed, index, users) for index in range(projects))
    steps = tuple(milestone for index, work in enumerate(works) for milestone in _milestones(seed, index, work))
    return World(seed, begin, months, people, works, steps, _instruments(seed, symbols))


def _user(seed: int, index: int) -> User:
    first = names.FIRST_NAMES[index % len(names.FIRST_NAMES)]
    last = names.LAST_NAMES[(index * 7 + number(seed, "last", index // 26)) % len(names.LAST_NAMES)]
    joined = datetime(2023, 1, 9, 8, tzinfo=UTC) + timedelta(minutes=number(seed, "joined", index) % 400_000)
    return User(
        user_id=f"u-{index + 1:05d}",
        email=f"{_ascii(first)}.{_ascii(last)}.{index + 1}@examiners.example",
        display_name=f"{first} {last}",
        role=ROLES[index % len(ROLES)],
        created_at=joined,
        account_id=f"NX{10_000_000 + index * 37}",
    )


def _ascii(name: str) -> str:
    return name.lower().translate(str.maketrans("öëíáı", "oeiai"))


def _project(seed: int, index: int, users: int) -> Project:
    draw = number(seed, "project", index)
    key, name = names.PROJECTS[index % len(names.PROJECTS)]
    series = index // len(names.PROJECTS)
    start = date(2024, 1, 1) + timedelta(days=draw % 240)
    return Project(
        project_id=f"prj-{index + 1:04d}",
        owner=index % users,
        key=f"{key}{series or ''}",
        name=f"{name} {series + 1}" if series else name,
        status=("in_progress", "in_progress", "todo", "done", "in_progress", "cancelled")[index % 6],
        budget=50_000 * (3 + draw // 1024 % 40),
        currency=("EUR", "USD")[index % 2],
        start=start,
        end=start + timedelta(days=240 + draw // 4096 % 300),
        created_at=datetime(2023, 10, 2, 9, tzinfo=UTC) + timedelta(minutes=draw // 65536 % 120_000),
    )


def _milestones(seed: int, index: int, project: Project) -> list[Milestone]:
    count = 3 + number(seed, "milestones", index) % 4
    return [_milestone(seed, index, place, count, project) for place in range(count)]


def _milestone(seed: int, index: int, place: int, count: int, project: Project) -> Milestone:
    draw = number(seed, f"milestone:{index}", place)
    return Milestone(
        milestone_id=f"ms-{index + 1:04d}-{place + 1}",
        project_id=project.project_id,
        owner=project.owner,
        name=names.MILESTONES[(place * len(names.MILESTONES)) // count],
        planned=project.budget // count // 100 * (70 + draw % 31),
        currency=project.currency,
        due=project.start + (project.end - project.start) * (place + 1) // count,
        status=_milestone_status(project.status, place, count),
        created_at=project.created_at + timedelta(days=1, minutes=draw // 64 % 9_000),
    )


def _milestone_status(project: str, place: int, count: int) -> str:
    if project != "in_progress":
        return project
    if place < count // 2:
        return "done"
    return "in_progress" if place == count // 2 else "todo"


def _instruments(seed: int, count: int) -> pl.DataFrame:
    more = [
        (
            symbol,
            "",
            ("XNAS", "XNYS")[number(seed, "venue", place) % 2],
            "USD",
            900 + number(seed, "px", place) % 60_000,
        )
        for place, symbol in enumerate(names.MORE_SYMBOLS)
    ]
    rows = [*names.INSTRUMENTS, *more][:count]
    return pl.DataFrame(rows, schema=["symbol", "isin", "venue", "currency", "price"], orient="row")
