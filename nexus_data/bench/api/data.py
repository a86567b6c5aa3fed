"""What the bench serves, and who asks for it: operations, users and tasks by the pipeline itself; tokens and bodies."""

import csv
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path

import msgspec

from nexus_data.bench.scratch import measured
from nexus_data.bench.whole_way import Measured
from nexus_data.errors import RunError
from nexus_data.generate.bulk import bulk
from nexus_data.people import set_password
from nexus_data.services import running
from nexus_data.settings import Settings
from nexus_data.tokens import sign, signing_key

_TASKS_PER_USER = 5
_RECORDS, _BODIES = 10, 200
_SIGN_IN, _PASSWORD = 50, "correct horse battery staple"
_TASK_COLUMNS = ("task_id", "user_id", "type", "title", "priority", "status", "progress", "created_at", "updated_at")
_TASK_REST = ("parameters", "result", "error_message", "idempotency_key", "started_at", "finished_at")


@dataclass(frozen=True, slots=True)
class Readers:
    """Files, one a line: bearer tokens; bodies of ten records; bodies that sign in."""

    tokens: Path
    records: Path
    credentials: Path


def publish_data(settings: Settings, scratch: Path, *, rows: int, users: int) -> Readers:
    """Publish them on an empty home. RunError when the ledger does not balance."""
    operations, tasks = scratch / "operations.csv", scratch / "frenly_ai_tasks.csv"
    bulk(operations, rows=rows, seed=1, users=users)
    people = scratch / "users.csv"
    names = _names(people)
    _write_tasks(tasks, names)
    run = measured("whole_way", [settings.home, operations, people, tasks], kind=Measured)
    if not run.summary.balanced:
        raise RunError(f"the data of the bench do not balance: {scratch}")
    return Readers(
        tokens=_tokens(settings, scratch, names),
        records=_records(operations, scratch),
        credentials=_credentials(settings, scratch, people),
    )


def _names(people: Path) -> list[str]:
    with people.open(encoding="utf-8", newline="") as lines:
        return [row["user_id"] for row in csv.DictReader(lines)]


def _write_tasks(path: Path, names: list[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([*_TASK_COLUMNS, *_TASK_REST])
        for at, name in enumerate(names):
            for number in range(_TASKS_PER_USER):
                day = f"2024-0{number + 1}-{at % 28 + 1:02d}T10:00:00Z"
                known = (f"t-{at}-{number}", name, "generate_report", f"Report {number}", "normal", "completed", "100")
                writer.writerow([*known, day, day, "{}", "{}", "", "", day, day])


def _tokens(settings: Settings, scratch: Path, names: list[str]) -> Path:
    key = signing_key(settings)
    return _lines(scratch / "tokens", [sign(name, key=key, lifetime=timedelta(hours=12)) for name in names])


def _records(operations: Path, scratch: Path) -> Path:
    bodies = []
    with operations.open(encoding="utf-8", errors="replace", newline="") as lines:
        rows = csv.DictReader(lines)
        for _ in range(_BODIES):
            taken = [{name: text for name, text in row.items() if name and text} for row in islice(rows, _RECORDS)]
            bodies.append(msgspec.json.encode({"records": taken}).decode())
    return _lines(scratch / "records", bodies)


def _credentials(settings: Settings, scratch: Path, people: Path) -> Path:
    with people.open(encoding="utf-8", newline="") as lines, running(settings) as services:
        emails = [row["email"] for row in islice(csv.DictReader(lines), _SIGN_IN)]
        for email in emails:
            set_password(services.postgres_url, email, _PASSWORD)
    bodies = [msgspec.json.encode({"email": email, "password": _PASSWORD}).decode() for email in emails]
    return _lines(scratch / "credentials", bodies)


def _lines(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path.chmod(0o600)
    return path
