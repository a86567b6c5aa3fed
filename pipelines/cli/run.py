"""`nexus run`: the main job."""

from pathlib import Path

import click

from pipelines.cli.output import Command, OutcomeError, imports, json_option, say


@click.command(cls=Command, short_help="Take files in, all the way to published tables.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--source", help="The contract's source, such as rabobank; else the header decides.")
@click.option("--user", help="Whose files these are.")
@click.option("--confirm-shrink", is_flag=True, help="Snapshots among them may lack rows of the version before.")
@json_option
def command(paths: tuple[Path, ...], source: str | None, user: str | None, confirm_shrink: bool, as_json: bool) -> None:
    """Take in files and folders (none given: the landing folder, NEXUS_HOME/landing/<source>/<user>/...).

    Every record ends up published, rejected (in quarantine, with every rule it broke), duplicate, superseded, skipped
    or held. A file whose header no contract knows is held, and the others go on; that is no error. A file that cannot
    be read at all is one: the others go on, and the exit status is 1.

    A full export that lacks more rows of the version before it than NEXUS_SNAPSHOT_SHRINK allows is held, too; when
    that is right, name it again with --confirm-shrink.
    """
    with imports():
        from nexus_data.settings import Settings
        from pipelines.cli.progress import steps
        from pipelines.cli.summary import as_document, failed_files, print_summary
        from pipelines.execution import Request, run_ledger

    settings = Settings.from_env()
    with steps(settings.home) as watch:
        summary = run_ledger(
            settings, Request(paths=paths, source=source, user=user, confirm_shrink=confirm_shrink), watch=watch
        )
    if as_json:
        as_document(summary)
    else:
        from nexus_data.status import rejections

        print_summary(summary, rejections=rejections(settings, summary))
    if not summary.outcomes:
        looked = ", ".join(map(str, paths or (settings.home / "landing",)))
        say(f"no file is in {looked} (hidden ones are left): the marts were brought to this day, and nothing else")
    if failed := failed_files(summary):
        raise OutcomeError("; ".join(failed))
