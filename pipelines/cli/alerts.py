"""`nexus alerts`: what deserves attention, and whether messages about it would arrive."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pipelines.cli.output import Command, OutcomeError, console, json_option, print_json

if TYPE_CHECKING:
    from nexus_data.alerts.model import Alert


@click.group(short_help="What deserves attention; a test of the channels.")
def command() -> None:
    """Alerts. `nexus up` looks every minute; each is told once to NEXUS_NOTIFY, and once more when it is over."""


@command.command("list", cls=Command, short_help="Alerts, open ones first.")
@click.option("--all", "everything", is_flag=True, help="Also what is over, newest first.")
@json_option
def listed(everything: bool, as_json: bool) -> None:
    """Print open alerts. Exit status 1 when any is open."""
    from nexus_data.alerts.look import known
    from nexus_data.settings import Settings

    found = known(Settings.from_env(), open_only=not everything)
    print_json({"alerts": [asdict(alert) for alert in found]}) if as_json else _print(found)
    if count := sum(alert.resolved_at is None for alert in found):
        raise OutcomeError(f"open alerts: {count}")


@command.command("test", cls=Command, short_help="Send a test message by every channel of NEXUS_NOTIFY.")
@json_option
def test(as_json: bool) -> None:
    """Send one message by each channel. Exit status 1 when there is none, or one did not take it."""
    from nexus_data.notify import Message, channels, send
    from nexus_data.settings import Settings

    message = Message("NEXUS test", "This is a test: alerts and reports of this installation arrive here.")
    found = {channel.name: send(channel, message) for channel in channels(Settings.from_env().notify)}
    if as_json:
        print_json({"channels": [{"channel": name, "delivered": not why, "error": why} for name, why in found.items()]})
    else:
        for name, why in found.items():
            console().print(f"{name:20} {why or 'took it'}", soft_wrap=True, markup=False)
    if failed := [name for name, why in found.items() if why] or (
        not found and ["NEXUS_NOTIFY names no channel; set it to URLs such as jsons://HOST/PATH"]
    ):
        raise OutcomeError(f"not delivered: {', '.join(failed)}")


def _print(found: "list[Alert]") -> None:
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("since", "over", "severity", "kind", "subject", "message"):
        table.add_column(name, overflow="fold")
    for alert in found:
        over = f"{alert.resolved_at:%Y-%m-%d %H:%M}" if alert.resolved_at else ""
        cells = (alert.severity, alert.kind, alert.subject, alert.message)
        table.add_row(f"{alert.fired_at:%Y-%m-%d %H:%M}", over, *cells)
    console().print(table if found else "nothing deserves attention")
