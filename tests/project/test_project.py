"""The project keeps its own rules: style, types, layers, a code location that loads, one test command for everybody."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["lint-imports"],
    ],
    ids=" ".join,
)
def test_tool_is_content(command: list[str]) -> None:
    done = subprocess.run([TOOLS / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_dagster_validates_the_workspace(tmp_path: Path) -> None:
    done = subprocess.run(
        [TOOLS / "dagster", "definitions", "validate", "-w", "workspace.yaml"],
        cwd=ROOT,
        env={"PATH": str(TOOLS), "HOME": str(tmp_path), "NEXUS_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (tmp_path / "home").exists(), "loading the code location wrote to the home"


def test_ci_runs_the_test_command_of_the_readme() -> None:
    commands = re.findall(r"^PIP_BREAK.*$", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.M)
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert len(commands) == 2
    assert commands[1] in ci.splitlines()


def test_every_setting_is_in_the_readme() -> None:
    from nexus_data.settings import Settings

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = [f"NEXUS_{name.upper()}" for name in Settings.__dataclass_fields__]
    assert [name for name in names if name not in readme] == []
