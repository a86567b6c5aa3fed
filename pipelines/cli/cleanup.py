"""`nexus cleanup`: what retention lets go, goes."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pipelines.cli.output import Command, console, json_option, print_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from nexus_data.cleanup.kinds import Candidate
    from nexus_data.cleanup.step import Cleaned

_KIB = 1024
_MOST = 40


@click.command(cls=Command, short_help="Remove what retention lets go and nothing stands in the way of.")
@click.option("--dry-run", is_flag=True, help="Only say what would go, how much it is, and why.")
@json_option
def command(dry_run: bool, as_json: bool) -> None:
    """Remove what is older than NEXUS_RETENTION says, and leftovers that can be made again.

    Months of operations leave Postgres and stay in the lake; they are refused when not verified, not in the marts, not
    whole in the lake, or under a hold. What was removed is noted in the table `cleanups`. A cleanup that was
    interrupted is finished by the next one.
    """
    from nexus_data.settings import Settings
    from pipelines.upkeep import clean, plan

    settings = Settings.from_env()
    done = plan(settings) if dry_run else clean(settings)
    print_json(asdict(done)) if as_json else _print(done)


def _print(done: "Cleaned") -> None:
    out = console()
    if done.finished:
        said = "was begun and not finished" if done.dry_run else "had been begun before, and is finished now"
        out.print(f"{len(done.finished)} removals: {said}")
    _table("would remove" if done.dry_run else "removed", done.removed, lambda one: one.reason)
    _table("refused", done.refused, lambda one: one.refused)
    size = sum(one.bytes for one in done.removed)
    verb = "would go" if done.dry_run else "are gone"
    out.print(f"\n{len(done.removed)} things, {told_bytes(size)} {verb}; {len(done.refused)} are refused")
    if done.generation:
        out.print(f"generation {done.generation} is published without them")


def _table(title: str, rows: "tuple[Candidate, ...]", why: "Callable[[Candidate], str]") -> None:
    from rich.markup import escape
    from rich.table import Table

    if not rows:
        return
    table = Table(title=title, title_justify="left", box=None, header_style="bold", title_style="bold underline")
    for name in ("kind", "what", "records", "bytes", "why"):
        table.add_column(name, justify="right" if name in ("records", "bytes") else "left", overflow="fold")
    for one in rows[:_MOST]:
        table.add_row(one.kind, escape(one.item), f"{one.records:,}", told_bytes(one.bytes), escape(why(one)))
    out = console()
    out.print(table)
    if len(rows) > _MOST:
        out.print(f"and {len(rows) - _MOST} more (--json lists them all)")


def told_bytes(count: float) -> str:
    """As people read sizes."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < _KIB:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= _KIB
    return f"{count:.1f} TiB"
