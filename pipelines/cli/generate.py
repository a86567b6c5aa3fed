"""`nexus generate`: a data set with known defects and the answer that it must come to."""

from pathlib import Path

import click

from pipelines.cli.output import Command, json_option, print_json, say


@click.command(cls=Command, short_help="Write a realistic data set with known defects, and its expected ledger.")
@click.option("--rows", type=click.IntRange(min=1), default=100_000, show_default=True, help="About how many records.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed writes the same bytes.")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@json_option
def command(rows: int, seed: int, directory: Path, as_json: bool) -> None:
    """Write files of several formats into DIRECTORY, with bad records, duplicates and overlaps, and expected.json."""
    from nexus_data.generate import generate

    generate(directory, rows=rows, seed=seed)
    files = sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())
    if as_json:
        print_json({"directory": str(directory), "rows": rows, "seed": seed, "files": files})
    else:
        say(f"{len(files)} files in {directory}; what they come to is in {directory / 'expected.json'}")
