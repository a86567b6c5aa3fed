"""One clean installation that has seen all kinds of records, and for each test a copy of its own to damage."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from redis import Redis

from nexus_data.landing import discover
from nexus_data.pipeline import run_all
from nexus_data.postgres.connect import connection
from nexus_data.services import Services
from nexus_data.settings import Settings
from nexus_data.verify import Report, verify
from tests.conftest import FreshDatabase, short_folder
from tests.spine.conftest import milestone, operation, project, user

Rows = list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Installation:
    """A published installation, and what its cache holds."""

    settings: Settings
    cached: dict[bytes, bytes]

    def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with connection(str(self.settings.postgres_url)) as database:
            return database.execute(statement, values).fetchall()  # type: ignore[arg-type]

    def change(self, statement: str, *values: object) -> int:
        """Run a statement that damages; how many rows it changed."""
        with connection(str(self.settings.postgres_url)) as database:
            return database.execute(statement, values).rowcount  # type: ignore[arg-type]

    def kept(self, name: str) -> Path:
        """The kept bytes of a file."""
        ((sha256,),) = self.ask("SELECT DISTINCT sha256 FROM files WHERE name = %s", name)
        return self.settings.home / "raw" / sha256[:2] / sha256

    def redis(self) -> Redis:
        """Its cache."""
        return Redis.from_url(str(self.settings.redis_url))

    def verify(self, **chosen: Any) -> Report:
        """What the verifier says of it."""
        return verify(self.settings, **chosen)


@pytest.fixture(scope="package")
def clean(services: Services, fresh_database: FreshDatabase) -> Iterator[Installation]:
    """Three generations: records of every outcome on every hop. No test changes it."""
    with short_folder() as home, fresh_database() as url:
        settings = Settings(home=home, postgres_url=url, redis_url=services.redis_url)
        with Redis.from_url(services.redis_url) as cache:
            cache.flushdb()
            for number, files in enumerate((_first(), _second(), _third())):
                folder = home / "files" / str(number)
                folder.mkdir(parents=True)
                for name, text in files.items():
                    (folder / name).write_text(text, encoding="utf-8")
                run_all(settings, discover(settings, (folder,)))
            keys = list(cache.scan_iter(_type="string"))
            cached = dict(zip(keys, cache.mget(keys), strict=True))
        yield Installation(settings, {key: text for key, text in cached.items() if text is not None})


@pytest.fixture
def installation(clean: Installation, fresh_database: FreshDatabase) -> Iterator[Installation]:
    """A copy of the clean one, to be damaged."""
    template = urlsplit(str(clean.settings.postgres_url)).path.lstrip("/")
    with short_folder() as home, fresh_database(template) as url:
        for name in ("raw", "lake", "contracts"):
            shutil.copytree(clean.settings.home / name, home / name)
        settings = Settings(home=home, postgres_url=url, redis_url=clean.settings.redis_url)
        with Redis.from_url(str(settings.redis_url)) as cache:
            cache.flushdb()
            for key, text in clean.cached.items():
                cache.set(key, text)
        yield Installation(settings, clean.cached)


def csv_text(rows: Rows) -> str:
    """Rows as a CSV file; all have the columns of the first."""
    columns = list(rows[0])
    lines = [",".join(columns), *(",".join(str(row[column]) for column in columns) for row in rows)]
    return "\n".join(lines) + "\n"


# JSON as nobody's database would write it: spaces, the order of keys, zeros behind the point, a key that stands twice.
_TASKS = (
    "task_id,user_id,type,title,priority,status,progress,parameters,result,error_message,idempotency_key,created_at,"
    "started_at,finished_at,updated_at\n"
    't1,u1,process_dataset,One,high,completed,100,"{""z"":1.50,  ""a"":[1e2,""1""],""z"":2.0}","null",,k1,'
    "2024-01-01T00:00:00Z,,,2024-01-02T00:00:00Z\n"
    't2,u2,generate_report,Two,low,pending,0,"{""of"":""u2""}",,,k2,2024-01-01T00:00:00Z,,,2024-01-02T00:00:00Z\n'
)


def _first() -> dict[str, str]:
    operations = [operation(number, milestone_id="m1" if number % 3 == 0 else "") for number in range(1, 20)]
    operations += [operation(30, exec_id="", description="of no id"), operation(30, exec_id="", description="of no id")]
    operations += [operation(40, amount="1.2.3", category="??"), operation(41, milestone_id="m-unknown")]
    operations += [operation(50, user_id="u2", type="income", side="sell", transact_time="2024-05-02T08:00:00Z")]
    return {
        "users.csv": csv_text([user("u1"), user("u2"), user("u3", email="u1@example.org")]),
        "projects.csv": csv_text([project("p1"), project("p2", user_id="u2", total_budget="10")]),
        "milestones.csv": csv_text(
            [milestone("m1"), milestone("m2", project_id="p2"), milestone("m3", project_id="p-unknown")]
        ),
        "operations.csv": csv_text(operations) + "a,short,record\n" + csv_text(operations[:1]),
        "tasks.csv": _TASKS,
    }


def _second() -> dict[str, str]:
    again = [operation(number, milestone_id="m1" if number % 3 == 0 else "") for number in range(15, 25)]
    conflict = [operation(1, amount="7.77"), operation(60, transact_time="2024-06-01T00:00:00Z")]
    lines = [json.dumps(operation(number)) for number in range(70, 75)]
    return {
        "operations-2.csv": csv_text(again + conflict),
        "operations.jsonl": "\n".join([*lines, '{"exec_id": "broken"', lines[0]]) + "\n",
        "projects-2.csv": csv_text(
            [project("p1", total_budget="2000", updated_at="2024-03-01T00:00:00Z"), project("p2")]
        ),
        "strange.csv": "nobody,knows,this\n1,2,3\n",
    }


def _third() -> dict[str, str]:
    return {"operations.csv": _first()["operations.csv"], "operations-3.csv": csv_text([operation(80), operation(81)])}
