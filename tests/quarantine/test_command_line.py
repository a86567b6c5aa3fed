"""`nexus quarantine` and `nexus rules` as people and programs meet them; a replay goes through Dagster like any run."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner, Result

from nexus_data.landing import Landing
from nexus_data.pipeline import run_all
from nexus_data.settings import Settings
from pipelines.cli import main
from pipelines.instance import opened
from tests.pipelines.conftest import installation
from tests.spine.conftest import Land, operation

__all__ = ["installation"]


def _nexus(*arguments: object) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)], prog_name="nexus")


def _document(*arguments: object) -> dict[str, Any]:
    result = _nexus(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize("command", ["quarantine list", "quarantine show", "quarantine replay", "rules"])
def test_every_command_has_help(command: str) -> None:
    result = _nexus(*command.split(), "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: nexus {command}")
    assert "--json" in result.stdout


def test_rules_are_told_one_or_all() -> None:
    assert len(_document("rules")["rules"]) > 20
    assert _document("rules", "dst_gap")["rules"][0]["code"] == "DST_GAP"
    assert "skipped when they went forward" in _nexus("rules", "DST_GAP:date").stdout
    assert _nexus("rules", "NONSENSE").exit_code == 2


def test_listed_shown_corrected_and_replayed(
    installation: Settings, land: Land, corrections: Callable[..., Path]
) -> None:
    assert _document("quarantine", "list")["total"] == 0
    book = land("book.csv", [operation(1), operation(2, amount="many", currency=""), operation(3, amount="few")])
    run_all(installation, [Landing(book, user="u1")])

    listed = _document("quarantine", "list")
    assert [(row["rule"], row["records"], row["file"]) for row in listed["rows"]] == [
        ("UNPARSABLE:amount", 2, "book.csv"),
        ("MISSING:currency", 1, "book.csv"),
    ]
    assert (listed["records"], listed["total"]) == (2, 2)
    page = _document("quarantine", "list", "--records", "--limit", 1, "--offset", 1, "--since", "2020-01-01")
    assert (page["total"], [row["record_no"] for row in page["rows"]]) == (2, [3])
    for filters in (["--rule", "MISSING"], ["--file", listed["rows"][0]["sha256"][:8], "--rule", "MISSING:currency"]):
        assert _document("quarantine", "list", *filters)["records"] == 1
    for nothing in (["--source", "kraken"], ["--user", "u2"], ["--since", 2], ["--since", "2999-01-01"]):
        assert _document("quarantine", "list", *nothing)["records"] == 0
    assert "what it means" in _nexus("quarantine", "list").stdout
    assert "neither a generation" in _nexus("quarantine", "list", "--since", "soon").stderr

    wrong = _nexus("quarantine", "replay", "--corrections", corrections("book.csv,2,amount,2.25"), "--by", "ann")
    assert (wrong.exit_code, "and why?" in wrong.stderr) == (1, True)
    path = corrections("book.csv,2,amount,2.25", "book.csv,2,currency,EUR")
    request = ("quarantine", "replay", "--corrections", path, "--by", "ann", "--why", "a letter")
    done = _document(*request)
    assert (done["records"], done["published"], done["changed"], done["waiting"]) == (1, 1, True, 1)
    again = _nexus(*request)
    assert (again.exit_code, "Nothing changed, so no generation was made. 1 records wait" in again.stdout) == (0, True)

    shown = _document("quarantine", "show", "book.csv", 2)
    (judgement,) = shown["judgements"]
    assert (shown["open"], judgement["resolution"], judgement["resolved_generation"]) == (False, "published", 2)
    assert [rule["rule"] for rule in judgement["rules"]] == ["UNPARSABLE:amount", "MISSING:currency"]
    assert all(rule["help"] for rule in judgement["rules"])
    assert (shown["raw"], shown["fields"]["amount"]) == (book.read_text().splitlines()[2], "many")
    assert [(one["field"], one["made_by"]) for one in shown["corrections"]] == [("amount", "ann"), ("currency", "ann")]
    told = _nexus("quarantine", "show", "book.csv", 2).stdout
    assert "corrected amount: 'many' -> '2.25', generation 2\n          by ann: a letter" in told
    assert "was never in quarantine" in _nexus("quarantine", "show", "book.csv", 1).stderr

    (newest, _) = _document("status")["runs"]
    assert (newest["records"], newest["replayed"], newest["published"], newest["in_quarantine"]) == (1, 1, 1, 1)
    with opened(installation) as instance:
        assert {run.status for run in instance.get_runs()} == {dg.DagsterRunStatus.SUCCESS}
