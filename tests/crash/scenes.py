"""What is run and killed: small files over an empty home, over a generation that is there, again, and a backfill."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from tests.spine.conftest import milestone, operation, project, user


@dataclass(frozen=True, slots=True)
class Step:
    """A run over files, or a backfill of months."""

    files: tuple[str, ...] = ()
    months: tuple[str, ...] = ()


FIRST = Step(("users.csv", "projects.csv", "milestones.csv", "operations.csv"))
SECOND = Step(("users-2.csv", "milestones-2.csv", "operations-2.csv", "operations-3.csv", "nobody-knows.csv"))
AGAIN = Step((*SECOND.files, "operations-4.csv"))
BACKFILL = Step(months=("2024-02", "2024-03", "2024-04"))

BOOK = Step(("v1/book.full.csv",))
REVISED = Step(("v2/book.full.csv", "revisions.csv"))

_CATEGORIES = ("trade", "dividend", "interest", "fee", "tax")
_CURRENCIES = (
    "AED AUD BRL CAD CHF CLP CNY CZK DKK EUR GBP HKD HUF IDR ILS INR JPY KRW MXN MYR NOK NZD PHP PLN QAR RON SEK SGD "
    "THB TRY USD"
)

MANY = Step(("many.csv",))
"""Enough groups that the marts of them are built beside their tables, which they replace."""

SCENES: dict[str, tuple[Step, ...]] = {
    "first": (FIRST,),
    "second": (FIRST, SECOND),
    "again": (FIRST, SECOND, AGAIN),
    "backfill": (FIRST, SECOND, BACKFILL),
    "revised": (FIRST, BOOK, REVISED),
    "swap": (FIRST, MANY),
}
"""Steps, of which the last is the one that is disturbed."""


STEPS = (
    "first: nexus_data.postgres.migrate._upgrade return 1",
    "first: nexus_data.lake.replace return 1",
    "second: nexus_data.landing.land return 1",
    "second: nexus_data.standardize.standardize return 1",
    "second: nexus_data.lake.append return 1",
    "second: nexus_data.marts_step.refresh_marts return 1",
    "second: nexus_data.publish.operations.build_months return 1",
    "second: nexus_data.publish.operations.attach return 1",
    "second: nexus_data.publish.step._commit return 1",
    "second: nexus_data.runs.remember > pathlib.Path.open return 1",
    "second: nexus_data.raw_files.keep > pathlib.Path.open return 1",
    "second: nexus_data.cache_step.refresh_cache return 1",
    "revised: nexus_data.publish.operations.attach return 1",
    "backfill: nexus_data.publish.operations.adopt return 1",
    "swap: nexus_data.publish.marts._fill return 2",
    "swap: nexus_data.publish.marts.adopt_marts return 1",
)
"""Each step's end, at which what it did is done and nothing of the next has begun: scene and moment."""


def write(folder: Path) -> None:
    """Write every file that a scene names."""
    folder.mkdir()
    for name, rows in _files().items():
        columns = list(rows[0])
        lines = [",".join(columns), *(",".join(str(row[column]) for column in columns) for row in rows)]
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _files() -> dict[str, list[dict[str, Any]]]:
    return {
        "users.csv": [user("u1"), user("u2"), user("u3", email="")],
        "projects.csv": [project("p1"), project("p2", user_id="u2", total_budget="99.01")],
        "milestones.csv": [milestone("m1"), milestone("m2", project_id="p2", due_on="2023-01-01")],
        "operations.csv": [*_operations(1, 40, month=2), *_operations(40, 60, month=3), operation(60, amount="x")],
        # A newer record of u2 by arrival, an email that is taken, a user of its own.
        "users-2.csv": [user("u2", display_name="Two"), user("u4", email="u1@example.org"), user("u5")],
        # One newer version, which supersedes, one older, and one of a project that nobody knows.
        "milestones-2.csv": [
            milestone("m1", actual_amount="77.7", updated_at="2024-05-01T00:00:00Z"),
            milestone("m2", project_id="p2", actual_amount="1", updated_at="2023-05-01T00:00:00Z"),
            milestone("m3", project_id="p9"),
        ],
        # New rows in a month that is there and in one that is not, known ones, a conflict, a broken one.
        "operations-2.csv": [
            *_operations(30, 50, month=2),
            *_operations(60, 80, month=3, milestone_id="m1"),
            *_operations(80, 95, month=4),
            operation(2, amount="9999"),
            operation(99, currency="nonsense"),
        ],
        # By content: two real fills that look the same, the least amount there is, and a user whom nobody knows.
        "operations-3.csv": [
            *[operation(7, exec_id="", user_id="u5")] * 2,
            operation(8, exec_id="", user_id="u8", amount="0.000000000000000001"),
        ],
        "operations-4.csv": [*_operations(90, 97, month=4), *_operations(97, 99, month=2)],
        # A full export, and its next version: one row restated, two that vanished, two new ones.
        "v1/book.full.csv": _operations(200, 220, month=3),
        "v2/book.full.csv": [
            *_operations(200, 201, month=3, amount="1.23"),
            *_operations(201, 218, month=3),
            *_operations(230, 232, month=4),
        ],
        # A correction and a cancel of what came first.
        "revisions.csv": [
            operation(300, amount="55.5", exec_type="G", exec_ref_id="E5"),
            operation(301, exec_type="H", exec_ref_id="E7"),
            operation(302, exec_type="F", exec_ref_id=""),
        ],
        "many.csv": list(_many()),
        "nobody-knows.csv": [{"what": "is", "this": "file"}, {"what": "?", "this": "!"}],
    }


def _operations(first: int, after: int, *, month: int, **changes: object) -> list[dict[str, Any]]:
    return [
        operation(number, transact_time=f"2024-{month:02d}-{day:02d}T10:00:00Z", user_id=f"u{day % 3 + 1}", **changes)
        for number in range(first, after)
        for day in [number % 28 + 1]
    ]


def _many() -> Iterator[dict[str, Any]]:
    """52,080 operations, of a month that is there and of a new one; no two of them have a group of a mart in common."""
    days = [f"2024-{month:02d}-{day:02d}T10:00:00Z" for month in (3, 5) for day in range(1, 29)]
    users, kinds = ("u1", "u2", "u3"), ("expense", "income")
    for number, (day, user_id, kind, category, currency) in enumerate(
        product(days, users, kinds, _CATEGORIES, _CURRENCIES.split()), start=1000
    ):
        group = {"user_id": user_id, "type": kind, "category": category, "currency": currency, "symbol": f"S{number}"}
        yield operation(number, transact_time=day, side="buy" if kind == "expense" else "sell", **group)
