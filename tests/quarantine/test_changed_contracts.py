"""What changed contracts make of records and files that waited for them, in a copy of the library to be edited."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nexus_data.settings import Settings
from nexus_data.sql import ROOT
from tests.quarantine.conftest import Prove
from tests.spine.conftest import Ask, Land, operation, project

_PROGRAM = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from nexus_data.landing import discover
from nexus_data.pipeline import run_all
from nexus_data.quarantine.replay import replay
from nexus_data.quarantine.request import ReplayRequest
from nexus_data.settings import Settings
settings = Settings.from_env()
for line in sys.stdin:
    what, *paths = json.loads(line)
    if what == "run":
        done = run_all(settings, discover(settings, [Path(path) for path in paths], user="u1"))
    else:
        done = replay(settings, ReplayRequest(held=what == "held"))
    print(json.dumps(asdict(done)), flush=True)
"""

Release = Callable[..., dict[str, Any]]


@pytest.fixture
def contracts(tmp_path: Path) -> Path:
    """The contracts of a copy of the library."""
    shutil.copytree(ROOT.parent / "nexus_data", tmp_path / "nexus_data", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "sql").symlink_to(ROOT)
    return tmp_path / "nexus_data" / "contracts"


@pytest.fixture
def release(contracts: Path, settings: Settings) -> Iterator[Release]:
    """Run or replay by that copy, in a process of its own."""
    environ = {
        **os.environ,
        "NEXUS_HOME": str(settings.home),
        "NEXUS_POSTGRES_URL": str(settings.postgres_url),
        "NEXUS_REDIS_URL": str(settings.redis_url),
    }

    root = contracts.parent.parent
    command = [sys.executable, "-c", _PROGRAM]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root, env=environ, text=True, bufsize=1
    )
    assert process.stdin is not None
    assert process.stdout is not None
    told, answers = process.stdin, process.stdout

    def call(*arguments: object) -> dict[str, Any]:
        told.write(json.dumps([*map(str, arguments)]) + "\n")
        found: dict[str, Any] = json.loads(answers.readline())
        return found

    with process:
        yield call
        told.close()


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_changed_contract_lets_records_and_files_in(
    contracts: Path, release: Release, land: Land, ask: Ask, prove: Prove
) -> None:
    book = land("book.csv", [operation(1, side="long"), operation(2), operation(3, side="short", amount="?")])
    renamed = land("renamed.csv", [{("label" if key == "key" else key): text for key, text in project("p1").items()}])
    first = release("run", book, renamed)
    assert (first["published"], first["rejected"], first["held"] > 0) == (1, 2, True)
    assert release("held")["generation"] == 1

    operations = contracts / "nexus" / "trading_operations.toml"
    plain, mapped = '"side", case = "lower" }', '"side", map = { long = "buy", short = "sell" }, otherwise = "keep" }'
    _edit(operations, plain, mapped)
    _edit(contracts / "nexus" / "projects.toml", '"key"', '"label"')
    second = release("records")
    assert (second["records"], second["published"], second["rejected"]) == (2, 1, 1)
    assert ask("SELECT side FROM trading_operations WHERE exec_id = 'E1'") == [("buy",)]
    assert ask(
        "SELECT record_no, rules, resolution, contract_version = resolved_contract_version FROM quarantine "
        "ORDER BY record_no, generation"
    ) == [
        (1, "UNKNOWN_VALUE:side", "published", False),
        (3, "UNPARSABLE:amount;UNKNOWN_VALUE:side", "rejected", False),
        (3, "UNPARSABLE:amount", None, None),
    ]

    third = release("held")
    assert (third["published"], third["held"]) == (1, 0)
    assert ask("SELECT project_id, key FROM projects WHERE status <> 'implied'") == [("p1", "P1")]
    assert ask("SELECT name, status, landed_as FROM files ORDER BY name") == [
        ("book.csv", "published", str(book)),
        ("renamed.csv", "published", str(renamed)),
    ]
    prove()

    _edit(operations, 'optional = ["revision"]\n', "")
    _edit(operations, 'encodings = ["utf-8"]', 'encodings = ["utf-8"]\nheader = false')
    fourth = release("records")
    (outcome,) = fourth["outcomes"]
    assert (fourth["generation"], outcome["status"]) == (3, "failed")
    assert "that their numbers mean others" in outcome["reason"]
