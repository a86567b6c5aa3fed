"""`nexus restore`: an installation from a backup."""

from pathlib import Path

import click

from pipelines.cli.output import Command, console, json_option, print_json


@click.command(cls=Command, short_help="Make an empty installation the one that was backed up.")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@json_option
def command(folder: Path, as_json: bool) -> None:
    """Restore the backup in FOLDER into NEXUS_HOME and its database, both of which must be empty.

    Every file is compared with the manifest before anything is touched; an older release's backup is brought up to this
    one. Afterwards `nexus verify` proves that nothing was lost.
    """
    from nexus_data.backup.restore import restore
    from nexus_data.settings import Settings

    settings = Settings.from_env()
    made = restore(settings, folder.absolute())
    if as_json:
        print_json({"home": str(settings.home), "generation": made.generation, "files": len(made.files)})
        return
    console().print(
        f"{settings.home}: generation {made.generation} of {made.created_at:%Y-%m-%d %H:%M} UTC is restored; prove it: "
        "nexus verify",
        soft_wrap=True,
    )
    for name, value in made.settings.items():
        console().print(f"it had the setting {name}={value}", soft_wrap=True, markup=False)
