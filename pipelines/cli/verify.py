"""`nexus verify`: the independent second look, from raw files to the API's answers."""

from typing import TYPE_CHECKING

import click

from pipelines.cli.output import Command, OutcomeError, console, json_option, print_json

if TYPE_CHECKING:
    from nexus_data.verify import Report


@click.command(cls=Command, short_help="Recompute everything published from the raw files, and name what differs.")
@click.option("--file", "files", multiple=True, help="Only this file: its name, or the start of its SHA-256.")
@click.option("--since", type=int, help="Only files of this generation and later ones.")
@json_option
def command(files: tuple[str, ...], since: int | None, as_json: bool) -> None:
    """Read every kept file again by other code than the pipeline's, recompute counts, sums and fingerprints of every
    hop, and compare ledger, quarantine, lake, Postgres, marts and cache with that.

    With --file or --since, only the records of these files are read again, and their rows and lines compared; what
    depends on all files (de-duplication, marts, cache) is left out. Changes nothing; runs wait until it is done. Exit
    status 1 when anything differs, or cannot be verified.
    """
    from nexus_data.settings import Settings
    from nexus_data.verify import verify

    report = verify(Settings.from_env(), files=files, since=since)
    print_json(report.document()) if as_json else _print(report)
    if not report.ok:
        raise OutcomeError(f"{sum(report.counts.values()):,} differences")


def _print(report: "Report") -> None:
    from rich.markup import escape
    from rich.table import Table

    out = console()
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("checked", "how many", "", "seconds", "differences"):
        table.add_column(name, justify="right" if name in ("how many", "seconds", "differences") else "left")
    for one in report.checked:
        found = f"[red]{one.differences:,}[/red]" if one.differences else "0"
        table.add_row(one.name, f"{one.counted:,}", one.what, f"{one.seconds:.1f}", found)
    out.print(table)
    for difference in report.differences:
        out.print(f"[red]{escape(difference.kind)}[/red] {escape(difference.told())}")
    listed: dict[str, int] = {}
    for difference in report.differences:
        listed[difference.kind] = listed.get(difference.kind, 0) + 1
    for kind, count in report.counts.items():
        if count > listed[kind]:
            out.print(f"[red]{kind}[/red] and {count - listed[kind]:,} more")
    for line in report.unchecked:
        out.print(f"[yellow]not checked[/yellow] {escape(line)}")
    verdict = "nothing differs" if report.ok else f"{sum(report.counts.values()):,} differences"
    out.print(f"\nGeneration {report.generation}, {report.seconds:.1f} s: {verdict}")
