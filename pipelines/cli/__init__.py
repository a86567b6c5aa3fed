"""The command line `nexus`: one file a command, loaded when it is asked for. What a command does is in the library."""

from importlib import import_module

import click

from nexus_data.allocator import keep_freed_pages

_COMMANDS = (
    "demo",
    "run",
    "up",
    "serve",
    "generate",
    "status",
    "contract",
    "bench",
    "trace",
    "quarantine",
    "rules",
    "verify",
    "user",
    "report",
    "hold",
    "alerts",
    "cleanup",
    "backup",
    "restore",
    "maintain",
)


class _Commands(click.Group):
    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        keep_freed_pages()
        command = import_module(f"pipelines.cli.{cmd_name}").command
        return command if isinstance(command, click.Command) else None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="nexus-data")
def main() -> None:
    """Trading and project files in, one ledger out: every record accounted for, every number traceable to a line.

    Settings are environment variables NEXUS_*; the first to know is NEXUS_HOME (default ./.nexus).
    """
