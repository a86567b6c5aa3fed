"""`nexus hold`: evidence that cleanup must leave for a case."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pipelines.cli.output import Command, console, json_option, print_json

if TYPE_CHECKING:
    from nexus_data.holds import Hold


@click.group(short_help="Keep evidence of a case from cleanup: add, list, remove.")
def command() -> None:
    """A hold keeps cleanup from what it names, whatever the retention settings say. It is never deleted: one that is
    lifted stays in the history, with who lifted it and why."""


@command.command("add", cls=Command, short_help="Put evidence under a hold.")
@click.option("--user", help="Only this user's records.")
@click.option("--source", help="Only this source.")
@click.option("--file", help="Only this file: its name, or the start of its SHA-256.")
@click.option("--period", help="Only operations of 2024, 2024-03, 2024-03-15, or 2024-01..2024-06.")
@click.option("--everything", is_flag=True, help="All there is.")
@click.option("--why", required=True, help="The case.")
@click.option("--by", required=True, help="Who asks for it.")
@json_option
def add(
    user: str | None,
    source: str | None,
    file: str | None,
    period: str | None,
    everything: bool,
    why: str,
    by: str,
    as_json: bool,
) -> None:
    """Hold what meets all that is given. It counts at once, also for a cleanup that is still to come tonight."""
    from nexus_data import holds
    from nexus_data.settings import Settings

    if everything == any((user, source, file, period)):
        raise click.UsageError("say what to hold by --user, --source, --file or --period; or --everything, alone")
    scope = holds.Scope(user=user, source=source, file=file, period=period)
    made = holds.add(Settings.from_env(), scope, reason=why, made_by=by)
    print_json(asdict(made)) if as_json else print(f"hold {made.hold_id} on {made.told()}: {made.reason}")


@command.command("list", cls=Command, short_help="The holds in force.")
@click.option("--all", "everything", is_flag=True, help="Also those that were lifted.")
@json_option
def list_(everything: bool, as_json: bool) -> None:
    """Show the holds, newest first."""
    from nexus_data import holds
    from nexus_data.settings import Settings

    found = holds.listed(Settings.from_env(), everything=everything)
    print_json({"holds": [asdict(one) for one in found]}) if as_json else _print(found)


@command.command("remove", cls=Command, short_help="Lift a hold.")
@click.argument("number", type=int)
@click.option("--why", required=True, help="Why it is not needed any more.")
@click.option("--by", required=True, help="Who lifts it.")
@json_option
def remove(number: int, why: str, by: str, as_json: bool) -> None:
    """Lift a hold: the next cleanup may take what it held. It stays listed by `nexus hold list --all`."""
    from nexus_data import holds
    from nexus_data.settings import Settings

    lifted = holds.remove(Settings.from_env(), number, reason=why, removed_by=by)
    print_json(asdict(lifted)) if as_json else print(f"hold {lifted.hold_id} on {lifted.told()} is lifted")


def _print(found: "tuple[Hold, ...]") -> None:
    from rich.table import Table

    if not found:
        print("nothing is under a hold")
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("hold", "on", "case", "by", "since", "lifted"):
        table.add_column(name, justify="right" if name == "hold" else "left", overflow="fold")
    for one in found:
        lifted = f"{one.removed_at:%Y-%m-%d} by {one.removed_by}: {one.removed_reason}" if one.removed_at else ""
        table.add_row(str(one.hold_id), one.told(), one.reason, one.made_by, f"{one.made_at:%Y-%m-%d %H:%M}", lifted)
    console().print(table)
