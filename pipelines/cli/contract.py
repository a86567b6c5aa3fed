"""`nexus contract`: the contracts, and what they would make of a file."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.output import Command, OutcomeError, json_option, print_json

if TYPE_CHECKING:
    from nexus_data.contract.check import ContractCheck, FileCheck


@click.group(short_help="Check contracts, or what they would make of a file.")
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
