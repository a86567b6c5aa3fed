"""`nexus status`: how the installation stands."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pipelines.cli.output import Command, OutcomeError, console, json_option, print_json

if TYPE_CHECKING:
    from rich.table import Table

    from nexus_data.status import Row, Status

_RUN = (
    "generation",
    "committed_at",
    "files",
    "records",
    "replayed",
    "published",
    "rejected",
    "in_quarantine",
    "duplicate",
    "held",
)
_SIZES = 8
_MOST = 12
"""So many rules and tables are shown, for the whole to fit a screen; --json has all."""


@click.command(cls=Command, short_help="Services, generation, alerts, last runs, held files, quarantine, table sizes.")
@click.option("--as-of", type=int, metavar="GENERATION", help="Tell what was known as of this generation.")
@json_option
def command(as_of: int | None, as_json: bool) -> None:
    """Show the services, the generation that readers see, the last runs, and what waits for someone.

    With --as-of: runs, held files, quarantine and published rows as they were known then. Exit status 1 when Postgres
    is down, or a critical alert is open.
    """
    from nexus_data.settings import Settings
    from nexus_data.status import status

    found = status(Settings.from_env(), as_of=as_of)
    print_json(asdict(found)) if as_json else _print(found)
    if found.postgres.startswith("down"):
        raise OutcomeError(f"Postgres is {found.postgres}")
    if critical := [alert for alert in found.alerts if alert["severity"] == "critical"]:
        raise OutcomeError(f"critical alerts open: {len(critical)}")


def _print(found: "Status") -> None:
    out = console()
    out.print(f"home        {found.home}\npostgres    {found.postgres}\nredis       {found.redis}")
    out.print(f"generation  {found.generation or 'none yet: `nexus run` makes the first'}")
    out.print("" if found.as_of is None else f"            (all that follows is as of generation {found.as_of})\n")
    runs = tuple({**run, "committed_at": f"{run['committed_at']:%Y-%m-%d %H:%M:%S}"} for run in found.runs)
    alerts = tuple({**alert, "since": f"{alert['fired_at']:%Y-%m-%d %H:%M}"} for alert in found.alerts)
    tables = tuple(sorted((row for row in found.tables if row["rows"]), key=lambda row: -row["rows"]))
    quarantine = tuple(sorted(found.quarantine, key=lambda row: -row["records"]))
    for title, rows, columns in (
        ("Alerts", alerts, ("since", "severity", "kind", "subject", "message")),
        ("Late sources", found.late, ("source", "last_day", "usual_days", "longest_days")),
        ("Last runs", runs, _RUN),
        ("Held files", found.held, ("name", "user_id", "records", "reason")),
        ("Quarantine", quarantine, ("source", "rule", "records")),
        ("Sizes", _sizes(found.sizes), ("name", "size", "in a week", "in a month")),
        ("Slow answers of the API", found.slow_api, ("port", "kind", "name", "slow", "of")),
        ("Slow statements", found.slow_statements, ("statement", "calls", "mean_ms", "max_ms")),
        ("Tables", tables, ("name", "rows", "bytes", "partitions") if found.as_of is None else ("name", "rows")),
    ):
        if rows:
            out.print(_table(title, rows[:_MOST], columns))
        if len(rows) > _MOST:
            out.print(f" and {len(rows) - _MOST} more (--json)")


def _sizes(rows: "tuple[Row, ...]") -> "tuple[Row, ...]":
    from pipelines.cli.cleanup import told_bytes

    def grown(row: "Row", before: str) -> str:
        return (
            ""
            if row[before] is None
            else f"{'-' if row['bytes'] < row[before] else '+'}" + told_bytes(abs(row["bytes"] - row[before]))
        )

    return tuple(
        {
            "name": row["name"],
            "size": told_bytes(row["bytes"]),
            "in a week": grown(row, "week_before"),
            "in a month": grown(row, "month_before"),
        }
        for row in rows[:_SIZES]
    )


def _table(title: str, rows: "tuple[Row, ...]", columns: tuple[str, ...]) -> "Table":
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None, header_style="bold", title_style="bold underline")
    for name in columns:
        table.add_column(name, justify="right" if isinstance(rows[0][name], int) else "left", overflow="fold")
    for row in rows:
        table.add_row(*(f"{row[name]:,}" if isinstance(row[name], int) else str(row[name]) for name in columns))
    return table
