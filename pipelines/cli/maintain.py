"""`nexus maintain`: what keeps queries fast and files few."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pipelines.cli.output import Command, console, json_option, print_json

if TYPE_CHECKING:
    from nexus_data.maintenance.step import Maintained


@click.command(cls=Command, short_help="Statistics, vacuum, small lake files put together, sizes, indexes.")
@json_option
def command(as_json: bool) -> None:
    """Vacuum and analyze what has changed, put small files of the lake together, note sizes, and look at the indexes.

    Nothing that readers see changes. Indexes that nobody uses, or that are much larger than they need to be, are told.
    """
    from nexus_data.maintenance import maintain
    from nexus_data.settings import Settings

    done = maintain(Settings.from_env())
    print_json(asdict(done)) if as_json else _print(done)


def _print(done: "Maintained") -> None:
    from pipelines.cli.cleanup import told_bytes

    out = console()
    out.print(f"analyzed    {len(done.analyzed)} tables")
    out.print(f"vacuumed    {', '.join(done.vacuumed) or 'nothing: too little is dead'}")
    lake = ", ".join(f"{name} ({count} files)" for name, count in done.compacted.items())
    out.print(f"lake        {lake or 'nothing to put together'}")
    for name, size in sorted(done.sizes.items(), key=lambda one: -one[1]):
        out.print(f"            {told_bytes(size):>10}  {name}")
    for title, names in (("unused", done.unused), ("bloated", done.bloated)):
        out.print(f"{title:<11} {', '.join(names) or 'no index'}")
