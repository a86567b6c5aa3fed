"""`nexus quarantine`: rejected records listed, shown and replayed."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.output import Command, OutcomeError, console, json_option, print_json, say

if TYPE_CHECKING:
    from rich.table import Table

    from nexus_data.quarantine.listing import Listing, Row
    from nexus_data.quarantine.record import Judgement, Record
    from nexus_data.results import RunSummary

_RAW_SHOWN = 100
_DIGITS = 12

_FILTERS = (
    click.option("--source", help="Only of this source."),
    click.option("--user", help="Only of files landed for this user."),
    click.option("--rule", metavar="CODE", help="Only what broke this rule: CODE, or CODE:column (`nexus rules`)."),
    click.option("--file", metavar="NAME", help="Only of this file: its name, or the first digits of its SHA-256."),
    click.option("--since", metavar="WHEN", help="Only what came in with this generation, or on this date, or later."),
)


def _filters(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_FILTERS):
        command = option(command)
    return command


@click.group(short_help="Rejected records: list them, show one, run them again.")
def command() -> None:
    """Records that broke a rule wait in quarantine, with their raw text and every rule that they broke."""


@command.command("list", cls=Command, short_help="What is in quarantine, by source, file and rule.")
@_filters
@click.option("--records", "single", is_flag=True, help="Single records instead of groups.")
@click.option(
    "--state", type=click.Choice(["open", "resolved", "all"]), default="open", show_default=True,
    help="What still waits, what a replay took out, or both.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Rows of a page.")
@click.option("--offset", type=click.IntRange(0), default=0, show_default=True, help="Rows before the page.")
@json_option
def list_(single: bool, state: Any, limit: int, offset: int, as_json: bool, **filters: str | None) -> None:
    """List what waits in quarantine. A record that broke two rules is in two groups."""
    from nexus_data.quarantine.listing import Page, groups, records
    from nexus_data.quarantine.selection import Selection

    ask = records if single else groups
    with _database() as (_, url):
        found = ask(url, selection=Selection(**filters), state=state, page=Page(limit, offset))
    if as_json:
        print_json({**asdict(found), "limit": limit, "offset": offset})
    else:
        _print_list(found, single=single, offset=offset)


@command.command(cls=Command, short_help="One record: its raw text, its rules, and what became of it.")
@click.argument("file")
@click.argument("record", type=click.IntRange(1))
@click.option("--source", help="The source, where several files have the name.")
@click.option("--user", help="The user, where the file was landed for several.")
@json_option
def show(file: str, record: int, source: str | None, user: str | None, as_json: bool) -> None:
    """Show RECORD (its number) of FILE (its name, or the first digits of its SHA-256)."""
    from nexus_data.quarantine.record import record as ask

    with _database() as (settings, url):
        found = ask(settings, url, file=file, record_no=record, source=source, user=user)
    print_json(asdict(found)) if as_json else _print_record(found)


def _database() -> Any:
    """A context of settings and the URL of an up-to-date database."""
    from contextlib import contextmanager

    from nexus_data.postgres.migrate import migrate
    from nexus_data.services import running
    from nexus_data.settings import Settings

    @contextmanager
    def opened() -> Any:
        settings = Settings.from_env()
        with running(settings) as services:
            migrate(services.postgres_url)
            yield settings, services.postgres_url

    return opened()


@command.command(cls=Command, short_help="Run quarantined records again, corrected or under changed contracts.")
@_filters
@click.option("--corrections", type=click.Path(path_type=Path), help="A CSV of file,record,field,text: only these.")
@click.option("--by", "made_by", metavar="WHO", help="Who made the corrections.")
@click.option("--why", "reason", metavar="TEXT", help="Why, or on what evidence.")
@click.option("--held", is_flag=True, help="Instead of records: held files that a contract reads by now.")
@json_option
def replay(
    corrections: Path | None, made_by: str | None, reason: str | None, held: bool, as_json: bool, **filters: str | None
) -> None:
    """Run the chosen records again (all that wait, without a filter) and publish those that pass now.

    With --corrections, only the records that the file names are run, with its texts in the place of theirs; the kept
    file is never changed, and who corrected what and why is kept with the record. file is a file's name or the first
    digits of its SHA-256, field a column of the file (`nexus quarantine show` prints them). Nothing is applied when one
    line is wrong. Exit status 1 when a file cannot be read again as it was.
    """
    from nexus_data.quarantine.request import ReplayRequest
    from nexus_data.settings import Settings
    from pipelines.assets.raw import Replayed
    from pipelines.cli.progress import steps
    from pipelines.cli.summary import failed_files
    from pipelines.execution import Request, run_ledger

    settings = Settings.from_env()
    # What is wrong with the file itself is said before anything starts.
    ReplayRequest(corrections=corrections, made_by=made_by, reason=reason, held=held).read_corrections()
    request = Replayed(
        corrections=str(corrections.absolute()) if corrections else None,
        made_by=made_by,
        reason=reason,
        held=held,
        **filters,
    )
    with steps(settings.home) as watch:
        summary = run_ledger(settings, Request(replay=request), watch=watch)
    _tell(summary, as_json=as_json)
    if failed := failed_files(summary):
        raise OutcomeError("; ".join(failed))


def _tell(summary: "RunSummary", *, as_json: bool) -> None:
    from nexus_data.quarantine.listing import after
    from pipelines.cli.summary import print_summary

    with _database() as (_, url):
        left = after(url, run_id=summary.run_id)
    if as_json:
        print_json({**asdict(summary), "changed": left.changed, "waiting": left.waiting})
        return
    print_summary(summary, rejections=())
    change = "" if left.changed else "Nothing changed, so no generation was made. "
    console().print(f"{change}{left.waiting:,} records wait in quarantine, {left.held:,} files are held.")


def _print_list(found: "Listing", *, single: bool, offset: int) -> None:
    out = console()
    if not found.rows:
        out.print("Nothing is in quarantine there.")
        return
    out.print(_records_table(found) if single else _groups_table(found))
    last = offset + len(found.rows)
    what = "records" if single else f"groups of {found.records:,} records"
    out.print(f"{offset + 1:,} to {last:,} of {found.total:,} {what}")
    if last < found.total:
        say(f"for more: --offset {last}")


def _groups_table(found: "Listing") -> "Table":
    from nexus_data.rules import broken

    columns = ("source", "file", "user", "rule", "records", "first", "since", "what it means")
    rows = [
        (
            row["source"], _named(row), row["user_id"], row["rule"], f"{row['records']:,}", str(row["first_record"]),
            str(row["since"]), next(broken(row["rule"])).help,
        )
        for row in found.rows
    ]  # fmt: skip
    return _table(columns, rows, numbers={"records", "first", "since"})


def _records_table(found: "Listing") -> "Table":
    columns = ("source", "file", "record", "line", "rules", "since", "now", "raw text")
    rows = [
        (
            row["source"], _named(row), str(row["record_no"]), str(row["line"] or ""), row["rules"],
            str(row["generation"]), _now(row), _shortened(row["raw"]),
        )
        for row in found.rows
    ]  # fmt: skip
    return _table(columns, rows, numbers={"record", "line", "since"})


def _named(row: "Row") -> str:
    return f"{row['file']} {(row['sha256'] or '')[:_DIGITS]}"


def _now(row: "Row") -> str:
    return f"{row['resolution']} in {row['resolved_generation']}" if row["resolution"] else "open"


def _shortened(raw: str) -> str:
    line = raw.replace("\r", "\\r").replace("\n", "\\n")
    return line if len(line) <= _RAW_SHOWN else f"{line[:_RAW_SHOWN]}…"


def _table(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]], *, numbers: set[str]) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold")
    for name in columns:
        table.add_column(name, justify="right" if name in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _print_record(found: "Record") -> None:
    place = f"record {found.record_no}" + (f", line {found.line}" if found.line else "")
    click.echo(f"{found.file}, {place}\nsha256    {found.sha256}")
    click.echo(f"source    {found.source}, for {found.table_name}\nuser      {found.user_id}")
    for one in found.judgements:
        _print_judgement(one)
    for done in found.corrections:
        old = "what could not be told" if done.old_text is None else repr(done.old_text)
        click.echo(
            f"corrected {done.field}: {old} -> {done.new_text!r}, generation {done.generation}\n"
            f"          by {done.made_by}: {done.reason}"
        )
    click.echo("fields" if found.fields else f"fields    {found.unread}")
    for name, text in found.fields.items():
        click.echo(f"  {name} = {text!r}")
    gone = "(cleanup let this copy go after the record had left quarantine; the kept file has it)"
    click.echo(f"raw text\n{found.raw or (gone if not found.open else '')}")


def _print_judgement(one: "Judgement") -> None:
    click.echo(f"rejected  in generation {one.generation} ({one.at[:19]}), {one.hop}, contract {one.contract_version}")
    for rule in one.rules:
        click.echo(f"          {rule.rule}: {rule.help}")
    if one.resolution is None:
        click.echo("state     open")
    elif one.resolution == "rejected":
        click.echo(f"replayed  in generation {one.resolved_generation}, run {one.resolved_run_id}: other rules")
    else:
        click.echo(
            f"state     {one.resolution} in generation {one.resolved_generation} ({(one.resolved_at or '')[:19]}), "
            f"run {one.resolved_run_id}, contract {one.resolved_contract_version}"
        )
