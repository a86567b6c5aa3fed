"""`nexus contract`: the contracts, what they would make of a file, and a draft for a file that none of them reads."""

import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.output import Command, OutcomeError, json_option, print_json, say

if TYPE_CHECKING:
    from nexus_data.contract.check import ContractCheck, FileCheck
    from nexus_data.draft.draft import Drafted
    from nexus_data.settings import Settings


@click.group(short_help="Check contracts, see what they make of a file, or draft one.")
def command() -> None:
    """Contracts say how one kind of source file reads; they are TOML files in nexus_data/contracts."""


@command.command(cls=Command, short_help="Check every contract, or read FILE as a run would, publishing nothing.")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--source", help="The contract's source, where the header leaves a doubt.")
@json_option
def check(file: Path | None, source: str | None, as_json: bool) -> None:
    """Without FILE: every contract, and what is wrong with it. With FILE: what a run would make of its records.

    A FILE that ends in .toml is checked as a contract. Exit status 1 when a contract cannot be used, or FILE would be
    held.
    """
    if file is None or file.suffix == ".toml":
        _contracts(file, as_json=as_json)
    else:
        _file(file, source=source, as_json=as_json)


def _contracts(file: Path | None, *, as_json: bool) -> None:
    from nexus_data.contract.check import check_contract, check_contracts

    checks = check_contracts() if file is None else (check_contract(file),)
    print_json({"contracts": [asdict(one) for one in checks]}) if as_json else _print_contracts(checks)
    if wrong := sum(bool(one.problem) for one in checks):
        raise OutcomeError(f"{wrong} of {len(checks)} contracts cannot be used")


def _print_contracts(checks: "tuple[ContractCheck, ...]") -> None:
    for one in checks:
        name = f"{one.path.parent.name}/{one.path.stem}"
        click.echo(f"wrong  {one.problem}" if one.problem else f"ok     {name:40} {one.table:20} {one.title}")


def _file(file: Path, *, source: str | None, as_json: bool) -> None:
    from nexus_data.contract.check import check_file
    from nexus_data.contract.load import load_all
    from nexus_data.settings import Settings

    found = check_file(file, load_all(), settings=Settings.from_env(), source=source)
    print_json(asdict(found)) if as_json else _print_file(found)
    if found.held:
        raise OutcomeError(f"{file} would be held")


def _print_file(found: "FileCheck") -> None:
    if found.held:
        click.echo(found.held)
        return
    counts = f"{found.accepted:,} accepted, {found.rejected:,} rejected, {found.skipped:,} skipped"
    click.echo(f"{found.path}: {found.contract}, {found.records:,} records: {counts}")
    for title, reasons in (("rejected", found.rules), ("skipped", found.skips)):
        for reason, count in reasons.items():
            click.echo(f"  {title} {count:>9,}  {reason}")
    for one in found.examples:
        place = f"record {one.record_no}" + (f" (line {one.line})" if one.line else "")
        click.echo(f"  {place}: {one.rules}\n    {one.raw}")


@command.command(cls=Command, short_help="Propose a contract for FILE, with the evidence for every line.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--source", help="The contract's source, such as the broker's name; otherwise the name of FILE's folder.")
@click.option("--dataset", help="What of the source it is, such as transactions; otherwise the name of FILE.")
@click.option("--table", help="The canonical table, where the columns do not tell it.")
@click.option("--dates", type=click.Choice(["dmy", "mdy", "ymd"]), help="The order in days such as 01/02/2024.")
@click.option("--decimal", type=click.Choice([".", ","]), help="The decimal mark in numbers such as 1,234.")
@click.option("--currency", help="The currency of a file that names none, such as EUR.")
@click.option("--timezone", help="Where the clock of the file hangs, such as Europe/Amsterdam; otherwise UTC.")
@click.option("--encoding", help="The encoding of a text that is not UTF-8, such as cp1250.")
@click.option("--write", is_flag=True, help="Write the contract and a golden folder with an invented input.")
@json_option
def draft(
    file: Path, source: str | None, dataset: str | None, table: str | None, write: bool, as_json: bool, **decided: Any
) -> None:
    """Print a contract for FILE as TOML, and what it would make of every record of it.

    What the file does not say (01/02/2024, 1,234) stands under [undecided] with its readings, and is never guessed: a
    contract that still has any is refused by `nexus contract check` and by --write. The options decide it.
    """
    from nexus_data.draft.draft import draft_contract
    from nexus_data.draft.propose import Decided
    from nexus_data.settings import Settings

    settings = Settings.from_env()
    chosen = Decided(order=decided.pop("dates"), **decided)
    found = draft_contract(file, settings=settings, source=source, dataset=dataset, table=table, decided=chosen)
    written = _write(found, settings) if write else {}
    print_json({**_told(found), **written}) if as_json else _print_draft(found)
    for path in [] if as_json else written.values():
        say(f"written: {path}")
    if written and not as_json:
        say("the golden tests ask for more: add an invented record that is rejected, and one of every kind not shown")


def _write(found: "Drafted", settings: "Settings") -> dict[str, object]:
    """The files' paths. What the golden input has to become is written by the tests' own tool, as for every folder."""
    from nexus_data.draft.write import CHECKOUT, write_draft

    written = write_draft(found, settings=settings)
    tool = [sys.executable, "-m", "tests.contracts.golden_case", str(written.golden)]
    done = subprocess.run(tool, cwd=CHECKOUT, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise OutcomeError(f"{written.golden}: expected.json could not be written: {done.stderr.strip()[-500:]}")
    return {"contract": written.contract, "golden": written.golden}


def _told(found: "Drafted") -> dict[str, object]:
    check = asdict(found.check)
    counts = {key: check[key] for key in ("records", "accepted", "rejected", "skipped", "rules", "skips", "held")}
    named = {"file": found.path, "source": found.source, "dataset": found.dataset}
    return {**named, "table": found.draft.contract.table, **counts, "undecided": found.undecided, "toml": found.text}


def _print_draft(found: "Drafted") -> None:
    click.echo(found.text, nl=False)
    check = found.check
    counts = f"{check.accepted:,} accepted, {check.rejected:,} rejected, {check.skipped:,} skipped"
    say(check.held or f"{found.path}: {check.records:,} records: {counts}")
    for rule, count in check.rules.items():
        say(f"  rejected {count:>9,}  {rule}")
    for key, readings in found.undecided.items():
        say(f"  undecided: {key}: {'; '.join(readings)}")
