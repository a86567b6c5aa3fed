"""The command line as a user meets it: another process, its two streams and its exit status."""

import gzip
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.pipelines.rows import ANN, OPERATIONS, USERS, Write, operation

COMMANDS = ("demo", "run", "up", "serve", "generate", "status", "contract", "trace")


def nexus(*arguments: object, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run `nexus` as a user would; NEXUS_* come from this process unless given."""
    command = [sys.executable, "-m", "pipelines.cli", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **environ}, timeout=300, check=False
    )


def document(result: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    """Stdout, which must be one JSON object and nothing else."""
    assert result.stdout.count("\n") == 1, result
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    result = nexus(command, "--help")
    assert result.returncode == 0
    assert result.stdout.startswith(f"Usage: nexus {command}")


def test_the_help_loads_neither_dagster_nor_an_engine() -> None:
    program = (
        "import sys, contextlib, io; from pipelines.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()): main(['--help'], standalone_mode=False)\n"
        "print([name for name in ('dagster', 'polars', 'duckdb', 'rich', 'sqlalchemy') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize(("told", "kept"), [("1", True), ("", False)])
def test_bytecode_that_may_not_stand_beside_the_modules_is_kept_in_the_users_cache(
    told: str, kept: bool, tmp_path: Path
) -> None:
    nexus("rules", HOME=str(tmp_path), PYTHONDONTWRITEBYTECODE=told, PYTHONPYCACHEPREFIX="")
    found = list((tmp_path / ".cache" / "nexus-data" / "bytecode").rglob("rules*.pyc"))
    assert bool(found) is kept


@pytest.mark.usefixtures("installation")
def test_one_run_of_everything_that_can_be_wrong(write: Write, tmp_path: Path) -> None:
    good = write("users.csv", USERS, [ANN])
    bad = write(
        "bad.csv", OPERATIONS, [operation("a", "yesterday"), operation("b", "2024-03-01T10:00:00Z", user="nobody")]
    )
    unknown = write("unknown.csv", USERS.replace("display_name", "nickname"), [ANN])
    (empty := tmp_path / "empty.csv").touch()
    (rubbish := tmp_path / "rubbish.csv").write_bytes(bytes(range(256)) * 64)
    (cut := tmp_path / "cut.csv.gz").write_bytes(gzip.compress(good.read_bytes() * 50)[:-20])
    (bomb := tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(f"{USERS}\n".encode() + b"a" * 3_000_000))
    (folder := tmp_path / "folder").mkdir()
    gone = tmp_path / "gone.csv"

    files = (good, bad, unknown, empty, rubbish, cut, bomb, folder, gone)
    result = nexus("run", "--json", *files, NEXUS_MAX_EXPANDED_BYTES="1000000")

    assert result.returncode == 1
    assert "gone.csv" in result.stderr
    found = document(result)
    became = {Path(file["name"]).name: file for file in found["outcomes"]}
    assert {name: file["status"] for name, file in became.items()} == {
        "users.csv": "published",
        "bad.csv": "published",
        "unknown.csv": "held",
        "empty.csv": "held",
        "rubbish.csv": "held",
        "cut.csv.gz": "held",
        "bomb.csv.gz": "held",
        "gone.csv": "failed",
    }
    assert found["balanced"]
    assert (found["published"], found["rejected"]) == (1, 2)
    assert became["bad.csv"]["tally"]["rejected"] == 2
    for told in ("nexus/users", "nickname", "display_name"):
        assert told in became["unknown.csv"]["reason"]
    assert "NEXUS_MAX_EXPANDED_BYTES" in became["bomb.csv.gz"]["reason"]
    assert "cut.csv.gz" in became["cut.csv.gz"]["reason"]

    shown = nexus("status", "--json")
    assert shown.returncode == 0
    state = document(shown)
    assert state["generation"] == found["generation"]
    assert {row["name"] for row in state["held"]} >= {"unknown.csv", "bomb.csv.gz"}
    assert {(row["source"], row["rule"]) for row in state["quarantine"]} >= {("nexus", "UNKNOWN_USER:user_id")}
    assert {row["name"]: row["rows"] for row in state["tables"]}["public.users"] == 1


@pytest.mark.usefixtures("installation")
def test_a_held_file_is_no_failure_and_is_said_aloud(write: Write) -> None:
    result = nexus("run", write("unknown.csv", "Ticket,Opened,Item", ["1,2024-01-01,EURUSD"]))
    assert result.returncode == 0
    assert "HELD" in result.stdout
    assert "unknown.csv" in result.stdout


@pytest.mark.usefixtures("installation")
def test_without_redis_the_run_succeeds_and_the_cache_is_behind(write: Write) -> None:
    result = nexus("run", "--json", write("users.csv", USERS, [ANN]), NEXUS_REDIS_URL="redis://127.0.0.1:1")
    assert result.returncode == 0
    found = document(result)
    assert found["published"] == 1
    assert found["cache"].startswith("behind: ")


@pytest.mark.usefixtures("installation")
def test_a_postgres_that_is_down_is_named_by_its_setting(write: Write) -> None:
    url = "postgresql://someone:secret@127.0.0.1:1/nexus"
    for command in (("run", write("users.csv", USERS, [ANN])), ("status",)):
        result = nexus(*command, "--json", NEXUS_POSTGRES_URL=url)
        assert result.returncode == 1
        assert "NEXUS_POSTGRES_URL" in result.stderr
        assert "secret" not in result.stderr + result.stdout
        assert "Traceback" not in result.stderr


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path, write: Write) -> None:
    (taken := tmp_path / "taken").touch()
    result = nexus("run", "--json", write("users.csv", USERS, [ANN]), NEXUS_HOME=str(taken / "home"))
    assert result.returncode == 1
    assert f"NEXUS_HOME={taken}/home" in document(result)["error"]
    assert "Traceback" not in result.stderr


def test_a_folder_without_a_file_is_named(tmp_path: Path) -> None:
    result = nexus("run", tmp_path)
    assert result.returncode == 0, result.stderr
    assert f"no file is in {tmp_path} " in result.stderr


def test_a_setting_that_does_not_exist_is_named() -> None:
    result = nexus("status", NEXUS_POSTGRESS_URL="x")
    assert result.returncode == 1
    assert "NEXUS_POSTGRESS_URL" in result.stderr


@pytest.mark.usefixtures("installation")
def test_two_runs_at_once_take_turns(write: Write) -> None:
    files = [write(f"{name}.csv", USERS, [ANN.replace("ann", name)]) for name in ("ann", "bob")]
    command = [sys.executable, "-m", "pipelines.cli", "run", "--json"]
    both = [subprocess.Popen([*command, str(f)], stdout=subprocess.PIPE, text=True) for f in files]
    said = [process.communicate(timeout=300)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    found = [json.loads(one) for one in said]
    assert sorted(one["generation"] for one in found) == [1, 2]
    assert [one["published"] for one in found] == [1, 1]


def test_contracts_are_checked_and_a_file_is_tried(write: Write, tmp_path: Path) -> None:
    every = document(nexus("contract", "check", "--json"))["contracts"]
    assert [one["problem"] for one in every if one["problem"]] == []
    assert {"users.toml", "trading_operations.toml"} <= {Path(one["path"]).name for one in every}

    lines = [operation("a", "2024-03-01T10:00:00Z"), operation("b", "yesterday")]
    tried = document(nexus("contract", "check", "--json", write("operations.csv", OPERATIONS, lines)))
    assert (tried["contract"], tried["accepted"], tried["rejected"]) == ("nexus/trading_operations", 1, 1)

    (wrong := tmp_path / "wrong.toml").write_text('title = "x"\n')
    result = nexus("contract", "check", wrong)
    assert result.returncode == 1
    assert "wrong.toml" in result.stdout


@pytest.mark.usefixtures("installation")
def test_the_demo_equals_the_known_answer_and_wants_an_empty_database(tmp_path: Path) -> None:
    home = tmp_path / "my books"
    result = nexus("demo", "--json", "--rows", "900", NEXUS_HOME=str(home))
    assert result.returncode == 0, result.stderr
    found = document(result)
    assert found["ok"]
    assert found["differences"] == []
    assert found["balanced"]
    assert found["held"] > 0
    assert "Authorization: Bearer" in found["dashboard"]
    assert shlex.split(found["up"])[0] == f"NEXUS_HOME={home}/demo", "what is to be pasted into a shell"

    again = nexus("demo", "--json", "--rows", "900", NEXUS_HOME=str(home))
    assert again.returncode == 1
    assert "NEXUS_POSTGRES_URL" in document(again)["error"]


def test_generated_files_are_the_same_for_the_same_seed(tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert nexus("generate", "--rows", 900, "--seed", 7, tmp_path / name).returncode == 0
    found = [
        {
            file.relative_to(tmp_path / name): file.read_bytes()
            for file in (tmp_path / name).rglob("*")
            if file.is_file()
        }
        for name in ("one", "two")
    ]
    assert found[0] == found[1]
    assert Path("expected.json") in found[0]
    again = nexus("generate", "--rows", 900, tmp_path / "one")
    assert again.returncode == 1
    assert "Traceback" not in again.stderr
