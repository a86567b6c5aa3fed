"""`nexus demo`: the whole way on a generated mess, compared with the known answer."""

from dataclasses import asdict
from datetime import timedelta
from shlex import quote
from typing import TYPE_CHECKING

import click

from nexus_data.sql import ROOT
from pipelines.cli.output import Command, OutcomeError, json_option, print_json, say

if TYPE_CHECKING:
    from nexus_data.results import RunSummary
    from nexus_data.settings import Settings

_TOKEN_LIFETIME = timedelta(days=7)
_INCOME = "mart=daily_totals&column=amount&type=income&currency=EUR"


@click.command(cls=Command, short_help="Generate a mess, run everything on it, compare with the known answer.")
@click.option("--rows", type=click.IntRange(min=1), default=30_000, show_default=True, help="About how many records.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same data set.")
@json_option
def command(rows: int, seed: int, as_json: bool) -> None:
    """Make a small realistic data set with known defects, run the whole pipeline on it, and check every count.

    It has a home of its own, NEXUS_HOME/demo, made anew each time. Exit status 1 when anything differs from what the
    generator expects.
    """
    from nexus_data.demo import fresh_home
    from nexus_data.generate import generate
    from nexus_data.settings import Settings
    from nexus_data.status import rejections
    from pipelines.cli.summary import print_summary

    settings = fresh_home(Settings.from_env())
    expected = generate(settings.home, rows=rows, seed=seed)
    say(f"generated {expected.totals.records:,} records in {expected.totals.files} files under {settings.home}/landing")
    summary, differences = _run(settings)
    opening = _what_to_open(settings)
    if as_json:
        print_json({**asdict(summary), "ok": not differences, "differences": differences, **opening})
    else:
        print_summary(summary, rejections=rejections(settings, summary))
        _print_outcome(differences, opening)
    if differences:
        raise OutcomeError(f"the demo differs from the known answer in {len(differences)} places")


def _run(settings: "Settings") -> "tuple[RunSummary, tuple[str, ...]]":
    from nexus_data.generate import load
    from nexus_data.generate.compare import compare
    from nexus_data.generate.observe import observe
    from nexus_data.services import running
    from pipelines.cli.progress import steps
    from pipelines.execution import Request, run_ledger

    with running(settings) as services:
        with steps(settings.home) as watch:
            summary = run_ledger(settings, Request(), watch=watch)
        return summary, compare(load(settings.home / "expected.json"), summary, observe(services.postgres_url))


def _what_to_open(settings: "Settings") -> dict[str, str]:
    from nexus_data.demo import reader
    from nexus_data.tokens import issue

    user = reader(settings)
    token = issue(settings, user, lifetime=_TOKEN_LIFETIME)
    api = f"http://{settings.api_host}:{settings.api_port}"
    return {
        "up": f"NEXUS_HOME={quote(str(settings.home))} {_program()} up",
        "ui": f"http://127.0.0.1:{settings.ui_port}",
        "api": f"{api}/api/docs",
        "user": user,
        "dashboard": f'curl -i -H "Authorization: Bearer {token}" {api}/api/v3/projects/dashboard',
        "behind": f'curl -s -H "Authorization: Bearer {token}" "{api}/api/v3/provenance?{_INCOME}"',
        "trace": f"NEXUS_HOME={quote(str(settings.home))} {_program()} trace OPERATION_ID",
    }


def _program() -> str:
    """How this command line is called again: a checkout's environment is not on the path."""
    return "python3 -m uv run nexus" if (ROOT.parent / "uv.lock").exists() else "nexus"


def _print_outcome(differences: tuple[str, ...], opening: dict[str, str]) -> None:
    for difference in differences:
        click.secho(f"differs: {difference}", fg="red")
    if not differences:
        click.secho("Every count, sum and rejected record is what the generator expects.", fg="green")
    click.echo("\nWhat to open next:")
    click.echo(f"  {opening['up']}\n  then the Dagster UI at {opening['ui']} and the API at {opening['api']}")
    click.echo(f"  the dashboard of {opening['user']}:\n  {opening['dashboard']}")
    click.echo(f"  the operations whose sum its income in EUR is:\n  {opening['behind']}")
    click.echo(f"  one of them, down to the raw line:\n  {opening['trace']}")
