"""How every command speaks: results on stdout, all else on stderr; with --json, stdout is exactly one JSON object."""

import gc
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from nexus_data.errors import NexusError

if TYPE_CHECKING:
    from rich.console import Console

_WIDE = 180

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")


class OutcomeError(NexusError):
    """The command did its work and reported it, and the outcome is not what was asked for: exit status 1."""


class Command(click.Command):
    """A command whose errors for people become a line on stderr (and {"error": ...} with --json) and exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except OutcomeError as error:
            say_error(str(error))
        except (NexusError, OSError) as error:
            say_error(str(error))
            if ctx.params.get("as_json"):
                print_json({"error": str(error)})
        return ctx.exit(1)


@contextmanager
def imports() -> Iterator[None]:
    """Import much: nothing of it is garbage, and what is there afterwards stays until the end of the process."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def print_json(document: dict[str, Any]) -> None:
    """The command's one JSON object."""
    click.echo(json.dumps(document, default=str, ensure_ascii=False))


def console() -> "Console":
    """Stdout for tables; wide where no terminal says how wide it is."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)


def say(line: str) -> None:
    """A line for people that is no result."""
    click.echo(line, err=True)


def say_error(message: str) -> None:
    """The line that says why the exit status is not 0."""
    click.secho(f"nexus: {message}", fg="red", err=True)


def is_terminal() -> bool:
    """Whether a progress display has someone to look at it."""
    return sys.stderr.isatty()
