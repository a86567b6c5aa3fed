"""`nexus backup`: the whole installation as one folder."""

from pathlib import Path

import click

from pipelines.cli.output import Command, console, json_option, print_json

_MIB = 1024**2


@click.command(cls=Command, short_help="Copy the whole installation into one folder.")
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
def command(folder: Path, as_json: bool) -> None:
    """Copy Postgres, kept files, lake, corrections, reports and the uploads of open tasks into FOLDER, each file with
    its SHA-256.

    One generation, made while no run may publish; readers are served meanwhile. Without secrets: not the key that signs
    tokens, no sessions, no URLs. Password hashes are in it, and all that it tells of people: nobody else may enter the
    folder (0700).
    """
    from nexus_data.backup.save import save
    from nexus_data.settings import Settings

    target = folder.absolute()
    made = save(Settings.from_env(), target)
    said = {"folder": str(target), "generation": made.generation, "files": len(made.files), "bytes": made.bytes}
    if as_json:
        print_json(said)
        return
    console().print(
        f"{target}: generation {made.generation}, {len(made.files):,} files, {made.bytes / _MIB:,.1f} MiB\n"
        f"restore it into an empty home: NEXUS_HOME=... nexus restore {target}",
        soft_wrap=True,
    )
