"""How a RunSummary is shown: a table of files and totals for people, one object for programs."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from nexus_data.results import FileOutcome, RunSummary
from pipelines.cli.output import console, print_json

if TYPE_CHECKING:
    from rich.console import Console

    from nexus_data.status import Rejections

_ALWAYS = ("records", "published")
_WHERE_ANY = ("rejected", "duplicate", "superseded", "skipped", "held")
_FIELDS = {"records": "records_in", "published": "passed"}
_COLOURS = {"published": "green", "replayed": "green", "held": "bold yellow", "failed": "bold red", "duplicate": "dim"}
_FILES_SHOWN = 60
_RULES_SHOWN = 12


def as_document(summary: RunSummary) -> None:
    """Print the summary as the command's JSON object."""
    print_json(asdict(summary))


def failed_files(summary: RunSummary) -> list[str]:
    """Why files could not be taken in at all, each with its name."""
    return [file.reason for file in summary.outcomes if file.status == "failed"]


def print_summary(summary: RunSummary, *, rejections: "Sequence[Rejections]") -> None:
    """Print files, totals, and what waits for someone and why, on stdout."""
    out = console()
    out.print(_files(summary))
    for file in summary.outcomes:
        if file.status == "held":
            out.print(Text.assemble(("HELD ", "bold yellow"), f"{file.name}: {file.reason}"), soft_wrap=True)
        if file.vanished:
            out.print(f"{file.name}: {file.vanished:,} rows of its earlier version are gone, and published no more")
    _print_rejections(out, rejections)
    if summary.cache != "current":
        out.print(Text(f"The cache is {summary.cache}", "yellow"), soft_wrap=True)
    state = "balanced" if summary.balanced else "NOT BALANCED"
    out.print(f"Generation {summary.generation}, {state}, {summary.seconds:.1f} s, run {summary.run_id}")


def _print_rejections(out: "Console", rejections: "Sequence[Rejections]") -> None:
    most = sorted(rejections, key=lambda one: -one.records)
    for one in most[:_RULES_SHOWN]:
        out.print(
            Text.assemble(("rejected ", "yellow"), f"{one.records:>7,}  {one.rule:36} {one.source}"), soft_wrap=True
        )
    if len(most) > _RULES_SHOWN:
        out.print(
            f"... for {len(most) - _RULES_SHOWN} more reasons: `nexus status` lists them, the table quarantine has all."
        )


def _files(summary: RunSummary) -> Table:
    counts = _ALWAYS + tuple(name for name in _WHERE_ANY if getattr(summary, name))
    table = Table(show_footer=len(summary.outcomes) > 1, box=None, header_style="bold", footer_style="bold")
    table.add_column("file", footer=f"{summary.files} files", overflow="fold")
    table.add_column("status")
    table.add_column("contract", overflow="fold")
    for name in counts:
        table.add_column(name, footer=f"{getattr(summary, name):,}", justify="right", no_wrap=True)
    for file in summary.outcomes[:_FILES_SHOWN]:
        table.add_row(*_cells(file, counts))
    if len(summary.outcomes) > _FILES_SHOWN:
        table.add_row(f"... and {len(summary.outcomes) - _FILES_SHOWN} more")
    return table


def _cells(file: FileOutcome, counts: tuple[str, ...]) -> tuple[str | Text, ...]:
    contract = f"{file.source}/{file.dataset}" if file.dataset else ""
    status = Text(file.status, _COLOURS.get(file.status, ""))
    numbers = (f"{getattr(file.tally, _FIELDS.get(name, name)):,}" for name in counts)
    return (Text(file.name.rsplit("/", 1)[-1]), status, contract, *numbers)
