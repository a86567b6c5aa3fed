"""`nexus report`: what a user, or the users of a role, did in a period."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from nexus_data.tables.reports import FORMATS
from nexus_data.tables.users import ROLES
from pipelines.cli.output import Command, json_option, print_json

if TYPE_CHECKING:
    from nexus_data.report.facts import Subject
    from nexus_data.report.write import Written


@click.command(cls=Command, short_help="Write the report of a user or a role: html, pdf, xlsx.")
@click.option("--user", metavar="USER_ID", help="Whose report.")
@click.option("--role", type=click.Choice(ROLES), help="Or: of all users with this role.")
@click.option(
    "--period",
    required=True,
    help="A month (2025-03), an ISO week (2025-W09), a day (2025-03-14), a quarter (2025-Q1) or a year (2025).",
)
@click.option(
    "--format", "formats", type=click.Choice(FORMATS), multiple=True, default=("html",), show_default=True,
    help="How it is written; several times for several.",
)  # fmt: skip
@json_option
def command(user: str | None, role: str | None, period: str, formats: tuple[str, ...], as_json: bool) -> None:
    """Write the report of one user, or of all users with a role, to NEXUS_HOME/reports and say where it is.

    Income, expenses and net by category and currency; positions; projects planned against actual; milestones late;
    sources, what became of their records, and what was rejected and why: all of the current generation. Every number
    leads to the rows that it is the sum of. The same generation gives the same bytes.
    """
    from nexus_data.report.period import period as read
    from nexus_data.report.write import write_reports
    from nexus_data.settings import Settings

    found = read(period)
    subjects = [_subject(user, role)]
    written = write_reports(Settings.from_env(), found, subjects=subjects, formats=tuple(dict.fromkeys(formats)))
    if as_json:
        print_json({"reports": [_document(one) for one in written]})
        return
    for one in written:
        click.echo(f"{one.path}  {one.size:,} bytes, generation {one.generation}{'' if one.new else ', there already'}")


def _subject(user: str | None, role: str | None) -> "Subject":
    from nexus_data.errors import ReportError
    from nexus_data.report.facts import Subject

    if (user is None) == (role is None):
        raise ReportError("say whose report: --user USER_ID, or --role ROLE")
    return Subject(user_id=user, role=role)


def _document(one: "Written") -> dict[str, Any]:
    told = asdict(one)
    return {**told.pop("subject"), **told}
