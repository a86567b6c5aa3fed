"""Users, accounts, projects, milestones and tasks as files of the plain formats, with their defects and later versions.

Each function gives the records of one file in order, and says of each what becomes of it.
"""

import csv
import hashlib
import io
import json
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from nexus_data.generate import names
from nexus_data.generate.draws import number
from nexus_data.generate.expected import FileExpectation, FileLedger
from nexus_data.generate.world import Milestone, Project, User, World


@dataclass(frozen=True, slots=True)
class Record:
    """values: as written. fate: as in `expected.FATES`; rules and hop of what is rejected."""

    values: tuple[str, ...]
    fate: str = "published"
    rules: str = ""
    hop: str = "standardize"


@dataclass(frozen=True, slots=True)
class Records:
    """One file's records."""

    table: str
    columns: tuple[str, ...]
    records: tuple[Record, ...]


def write(content: Records, path: Path, name: str) -> FileExpectation:
    """Write a plain CSV of source `nexus`; `name` is its path below the landing folder."""
    ledger = FileLedger(name, source="nexus", user="", dataset=content.table, table=content.table)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(content.columns)
    for record in content.records:
        writer.writerow(record.values)
        ledger.one(record.fate, rules=record.rules, hop=record.hop if record.fate == "rejected" else "")
    data = text.getvalue().encode()
    path.write_bytes(data)
    return ledger.close(hashlib.sha256(data).hexdigest())


def users(world: World, *, messy: bool = True) -> Records:
    """Everybody; an older version of one, another twice, and bad ones."""
    columns = ("user_id", "email", "display_name", "primary_pov_role", "status", "created_at")
    good = [Record(_user(user)) for user in world.users]
    if not messy:
        return Records("users", columns, tuple(good))
    first, second = world.users[0], world.users[1]
    invited = Record((*_user(second)[:4], "invited", _iso(second.created_at - timedelta(days=30))), "superseded")
    wizard = ("u-90001", "merlin@examiners.example", "Merlin", "wizard", "active", "2023-05-01T09:00:00Z")
    undated = ("u-90002", "nobody@examiners.example", "N. Body", "auditor", "active", "yesterday")
    bad = [
        Record(wizard, "rejected", "UNKNOWN_VALUE:primary_pov_role"),
        Record(undated, "rejected", "UNPARSABLE:created_at"),
        Record(undated[:4], "rejected", "TOO_FEW_FIELDS", "read"),
    ]
    return Records("users", columns, (invited, *good[:4], *bad, *good[4:], Record(_user(first), "duplicate")))


def _user(user: User) -> tuple[str, ...]:
    return user.user_id, user.email, user.display_name, user.role, "active", _iso(user.created_at)


def user_accounts(world: World, held_at: dict[str, str]) -> Records:
    """The account of each user at the platform, and one account at each source of `held_at` (source: account)."""
    own = [Record(("nexus", user.account_id, user.user_id)) for user in world.users]
    others = [
        Record((source, account, world.users[place % len(world.users)].user_id))
        for place, (source, account) in enumerate(sorted(held_at.items()))
    ]
    nobody = Record(("nexus", "NX00000000", "u-99999"), "rejected", "UNKNOWN_USER:user_id", "deduplicate")
    nameless = Record(("nexus", "", world.users[0].user_id), "rejected", "MISSING:account_id")
    again = replace(own[0], fate="duplicate")
    return Records(
        "user_accounts", ("account_source", "account_id", "user_id"), (*own, nobody, *others, again, nameless)
    )


_PROJECT = (
    "project_id",
    "user_id",
    "key",
    "name",
    "description",
    "status",
    "total_budget",
    "currency",
    "start_date",
    "end_date",
    "created_at",
    "updated_at",
)


def projects(world: World) -> Records:
    """Every project as it was; those that `later_projects` changes are superseded there."""
    fates = ("superseded", "published", "published")
    good = [Record(_project(world, one), fates[place % 3]) for place, one in enumerate(world.projects)]
    model = _project(world, world.projects[0])
    bad = [
        Record(("prj-9001", *model[1:3], "", *model[4:]), "rejected", "MISSING:name"),
        Record(("prj-9002", *model[1:6], "-100000.00", *model[7:]), "rejected", "NEGATIVE:total_budget"),
        Record(("prj-9003", "u-99999", *model[2:]), "rejected", "UNKNOWN_USER:user_id", "deduplicate"),
        Record(("prj-9004", *model[1:], ""), "rejected", "TOO_MANY_FIELDS", "read"),
    ]
    return Records("projects", _PROJECT, (*good[:3], *bad, *good[3:]))


def later_projects(world: World) -> Records:
    """A later export: of three projects one has more budget, one is unchanged, one is out of date (superseded)."""
    good = [_later(world, place, one) for place, one in enumerate(world.projects)]
    model = _project(world, world.projects[0])
    bad = [
        Record(("prj-9005", *model[1:5], "blocked", *model[6:]), "rejected", "UNKNOWN_VALUE:status_category"),
        Record(("prj-9006", *model[1:8], "2024-02-30", *model[9:]), "rejected", "UNPARSABLE:start_date"),
    ]
    return Records("projects", _PROJECT, (*good[:2], *bad, *good[2:]))


def _later(world: World, place: int, one: Project) -> Record:
    if place % 3 == 0:
        return Record(_project(world, one, budget=one.budget * 11 // 10, days=250))
    if place % 3 == 1:
        return Record(_project(world, one), "duplicate")
    return Record(_project(world, one, budget=one.budget // 2, days=-20), "superseded")


def _project(world: World, one: Project, *, budget: int | None = None, days: int = 0) -> tuple[str, ...]:
    """days: how much later than the first version this one is."""
    return (
        one.project_id,
        world.users[one.owner].user_id,
        one.key,
        one.name,
        f"{one.name}, as agreed on {one.start:%d %B %Y}",
        one.status,
        f"{one.budget if budget is None else budget}.00",
        one.currency,
        one.start.isoformat(),
        one.end.isoformat(),
        _iso(one.created_at),
        str(int((one.created_at + timedelta(days=30 + days)).timestamp()) * 1000),
    )


_MILESTONE = (
    "milestone_id",
    "project_id",
    "name",
    "description",
    "planned_amount",
    "actual_amount",
    "currency",
    "due_on",
    "release_date",
    "status",
    "closed_at",
    "created_at",
    "updated_at",
)


def milestones(world: World) -> Records:
    """Every milestone; of every seventh an older version stands before it, every eleventh stands twice."""
    good: list[Record] = []
    for place, one in enumerate(world.milestones):
        record = Record(_milestone(world, one))
        if place % 7 == 0:
            good.append(Record(_milestone(world, one, status="todo", days=-10), "superseded"))
        good += [record, replace(record, fate="duplicate")] if place % 11 == 0 else [record]
    model = _milestone(world, world.milestones[0])
    bad = [
        Record(("ms-9001-1", "prj-9999", *model[2:]), "rejected", "UNKNOWN_PROJECT:project_id", "deduplicate"),
        Record(("ms-9001-2", *model[1:7], "31/31/2024", *model[8:]), "rejected", "UNPARSABLE:due_on"),
        Record(("ms-9001-3", *model[1:4], "plenty", *model[5:]), "rejected", "UNPARSABLE:planned_amount"),
        Record(("ms-9001-4", *model[1:9], "stuck", *model[10:]), "rejected", "UNKNOWN_VALUE:status_category"),
    ]
    return Records("project_milestones", _MILESTONE, (*good[:5], *bad, *good[5:]))


def _milestone(world: World, one: Milestone, *, status: str = "", days: int = 0) -> tuple[str, ...]:
    status = status or one.status
    done = status == "done"
    actual = one.planned * (85 + number(world.seed, one.milestone_id, 0) % 30) // 100 if done else 0
    return (
        one.milestone_id,
        one.project_id,
        one.name,
        "",
        f"{one.planned}.00",
        f"{actual}.00" if done else "",
        one.currency,
        one.due.isoformat(),
        (one.due + timedelta(days=14)).isoformat(),
        status,
        _iso(_noon(one.due, one.created_at)) if done else "",
        _iso(one.created_at),
        _iso(one.created_at + timedelta(days=20 + days)),
    )


_TASK = (
    "task_id",
    "user_id",
    "type",
    "title",
    "priority",
    "status",
    "progress",
    "parameters",
    "result",
    "error_message",
    "idempotency_key",
    "created_at",
    "started_at",
    "finished_at",
    "updated_at",
)


def tasks(world: World, *, each: int = 6) -> Records:
    """So many tasks of every user; of every fifth an earlier state (running) stands before it."""
    good: list[Record] = []
    for place in range(each * len(world.users)):
        if place % 5 == 0:
            good.append(Record(_task(world, place, running=True), "superseded"))
        good.append(Record(_task(world, place)))
    model = _task(world, 0)
    bad = [
        Record(("task-90001", *model[1:5], "paused", *model[6:]), "rejected", "UNKNOWN_VALUE:status"),
        Record(("task-90002", "u-99999", *model[2:]), "rejected", "UNKNOWN_USER:user_id", "deduplicate"),
        Record(("task-90003", *model[1:6], "-5", *model[7:]), "rejected", "NEGATIVE:progress"),
    ]
    return Records("frenly_ai_tasks", _TASK, (*good[:6], *bad, *good[6:]))


def _task(world: World, place: int, *, running: bool = False) -> tuple[str, ...]:
    draw = number(world.seed, "task", place)
    kind, title = names.TASKS[draw % len(names.TASKS)]
    month = f"2024-{1 + draw // 16 % 12:02d}"
    created = world.begin + timedelta(days=draw // 256 % (30 * world.months), minutes=draw // 1024 % 1440)
    status = "running" if running else ("completed", "completed", "failed", "completed", "pending")[draw // 8192 % 5]
    if place % 5 == 0 and status == "pending":
        status = "completed"
    ended = status in ("completed", "failed")
    return (
        f"task-{place + 1:05d}",
        world.users[place % len(world.users)].user_id,
        kind,
        title.format(month=month),
        ("low", "normal", "high")[draw // 65536 % 3],
        status,
        {"completed": "100", "pending": "0"}.get(status, str(10 + draw // 4096 % 80)),
        json.dumps({"month": month}),
        json.dumps({"rows": draw // 77 % 5000}) if status == "completed" else "",
        "the source file vanished while it was read" if status == "failed" else "",
        f"{kind}:{month}:{place}",
        _iso(created),
        "" if status == "pending" else _iso(created + timedelta(seconds=3)),
        _iso(created + timedelta(minutes=4)) if ended else "",
        _iso(created + timedelta(minutes=4 if ended else 1)),
    )


def _noon(day: date, like: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=like.tzinfo)


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
