"""How a RunSummary is shown: a table of files and totals for people, one object for programs."""

from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nexus_data.results import FileOutcome, RunSummary
from pipelines.cli.output import print_json

_COUNTS = ("records", "published", "rejected", "duplicate", "superseded", "skipped", "held")
_COLOURS = {"published": "green", "held": "bold yellow", "failed": "bold red", "duplicate": "dim"}
_FILES_SHOWN = 60


def as_document(summary: RunSummary) -> None:
    """Print the summary as the command's JSON object."""
    print_json(asdict(summary))


def failed_files(summary: RunSummary) -> list[str]:
    """Why files could not be taken in at all, each with its name."""
    return [file.reason for file in summary.outcomes if file.status == "failed"]


def print_summary(summary: RunSummary) -> None:
    """Print files, totals, and what waits for someone, on stdout."""
    console = Console()
    console.print(_files(summary))
    for file in summary.outcomes:
        if file.status == "held":
            console.print(Text.assemble(("HELD ", "bold yellow"), f"{file.name}: {file.reason}"), soft_wrap=True)
    if summary.rejected:
        console.print(
            f"{summary.rejected:,} records were rejected; the table quarantine says why, `nexus status` counts."
        )
    if summary.cache != "current":
        console.print(Text(f"The cache is {summary.cache}", "yellow"), soft_wrap=True)
    state = "balanced" if summary.balanced else "NOT BALANCED"
    console.print(f"Generation {summary.generation}, {state}, {summary.seconds:.1f} s, run {summary.run_id}")


def _files(summary: RunSummary) -> Table:
    table = Table(show_footer=len(summary.outcomes) > 1, box=None, header_style="bold", footer_style="bold")
    table.add_column("file", footer=f"{summary.files} files", overflow="fold")
    table.add_column("status")
    table.add_column("contract")
    for name in _COUNTS:
        table.add_column(name, footer=f"{getattr(summary, name):,}", justify="right")
    for file in summary.outcomes[:_FILES_SHOWN]:
        table.add_row(*_cells(file))
    if more := len(summary.outcomes) - _FILES_SHOWN:
        table.add_row(f"... and {more} more") if more > 0 else None
    return table


def _cells(file: FileOutcome) -> tuple[str | Text, ...]:
    tally = file.tally
    counts = (
        tally.records_in,
        tally.passed,
        tally.rejected,
        tally.duplicate,
        tally.superseded,
        tally.skipped,
        tally.held,
    )
    contract = f"{file.source}/{file.dataset}" if file.dataset else ""
    status = Text(file.status, _COLOURS.get(file.status, ""))
    return (file.name.rsplit("/", 1)[-1], status, contract, *(f"{count:,}" for count in counts))
