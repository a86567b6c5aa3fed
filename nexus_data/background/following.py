"""What the scheduler asks and tells of open tasks. It may be killed between any two calls: then it asks again."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg.types.json import Jsonb

from nexus_data.background.requests import ProcessDatasetParameters
from nexus_data.background.uploads import find
from nexus_data.errors import QuestionError
from nexus_data.postgres.connect import connection
from nexus_data.services import running
from nexus_data.settings import Settings
from nexus_data.sql import query

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that has not ended. cancel: somebody asked for its end."""

    task_id: str
    user_id: str
    type: str
    priority: str
    parameters: dict[str, Any]
    status: str
    cancel: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a task stands by now. progress: 0 to 100. None leaves a column as it is."""

    task_id: str
    status: str
    run_id: str | None = None
    progress: Decimal | None = None
    result: dict[str, Any] | None = None
    error_message: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


def open_tasks(settings: Settings) -> tuple[OpenTask, ...]:
    """Claim what is pending, and give every task that has not ended, oldest first; a bounded number of them.

    A claimed task may have a run, so from then on only the scheduler ends it. Raises ServiceError when Postgres does
    not answer; a database that was never migrated has no tasks.
    """
    with running(settings) as services, connection(services.postgres_url) as database:
        try:
            # Asked first: to write, even nothing, makes every kept answer about tasks one of the past.
            if database.execute(query("background/unclaimed")).fetchone() == (True,):
                database.execute(query("background/claim"))
            rows = database.execute(query("background/open"), {"size": _AT_ONCE}).fetchall()
        except psycopg.errors.UndefinedTable:
            database.rollback()
            return ()
        return tuple(OpenTask(*row) for row in rows)


def note(settings: Settings, standings: Iterable[Standing]) -> None:
    """Write down where tasks stand, in one transaction; one that has ended stays as it ended."""
    with running(settings) as services, connection(services.postgres_url) as database:
        for one in standings:
            result = None if one.result is None else Jsonb(one.result)
            database.execute(query("background/note"), asdict(one) | {"result": result})


def files(settings: Settings, task: OpenTask) -> tuple[Path, ...]:
    """The files and folders that a process_dataset task takes in; QuestionError when there are none."""
    asked = msgspec.convert(task.parameters, ProcessDatasetParameters)
    if asked.uploads:
        return tuple(find(settings.home, user_id=task.user_id, upload_id=one) for one in asked.uploads)
    return landed(settings, user_id=task.user_id, source=asked.source)


def landed(settings: Settings, *, user_id: str, source: str | None) -> tuple[Path, ...]:
    """The folders in which files have landed for the user; QuestionError when there are none."""
    root = settings.home / "landing"
    sources = [root / source] if source else sorted(path for path in root.glob("[!.]*") if path.is_dir())
    # A user's id may hold anything, and must not lead out of the landing folder.
    plain = user_id not in ("", ".", "..") and not set("/\\\0") & set(user_id)
    found = tuple(one / user_id for one in sources if plain and (one / user_id).is_dir())
    if not found:
        raise QuestionError("nothing has landed for you" + (f" from {source}" if source else "") + "; upload a file")
    return found
