"""`nexus user`: who may sign in to the API, in which role, and at whose data they look."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pipelines.cli.output import Command, console, json_option, print_json, say

if TYPE_CHECKING:
    from nexus_data.people import Person

_NONE = "none"


@click.group(short_help="Passwords, roles and assignments of the people who use the API.")
def command() -> None:
    """Decide who may sign in to the API, in which role, and at whose data they look.

    People come from files of users; a file may propose a role, and only `nexus user role` grants it.
    """


@command.command(cls=Command)
@click.argument("user")
@click.option("--remove", is_flag=True, help="Take the password away: this user signs in no more.")
@json_option
def password(user: str, remove: bool, as_json: bool) -> None:
    """Give USER (email or id) a password, asked for at the terminal or read as one line from stdin.

    Every session of that user ends.
    """
    from nexus_data.people import remove_password, set_password

    with _database() as address:
        done = remove_password(address, user) if remove else set_password(address, user, _typed(user))
    _report(done, as_json)


@command.command(cls=Command)
@click.argument("user")
@click.argument("role")
@json_option
def role(user: str, role: str, as_json: bool) -> None:
    """Grant USER (email or id) a ROLE, or `none`: it widens whose data the API shows to that user.

    Every session of that user ends, so that no token goes on in the old role.
    """
    from nexus_data.people import grant

    with _database() as address:
        done = grant(address, user, role=None if role == _NONE else role)
    _report(done, as_json)


@command.command(cls=Command)
@click.argument("user")
@click.argument("subjects", nargs=-1, required=True)
@json_option
def assign(user: str, subjects: tuple[str, ...], as_json: bool) -> None:
    """Let USER look at the data of SUBJECTS (emails or ids), where the role of USER sees assigned users."""
    from nexus_data import people

    with _database() as address:
        done = people.assign(address, user, subjects=subjects)
    _report(done, as_json)


@command.command(cls=Command)
@click.argument("user")
@click.argument("subjects", nargs=-1, required=True)
@json_option
def unassign(user: str, subjects: tuple[str, ...], as_json: bool) -> None:
    """Take assignments back: the API shows USER the data of SUBJECTS no more, within ten seconds."""
    from nexus_data import people

    with _database() as address:
        done = people.unassign(address, user, subjects=subjects)
    _report(done, as_json)


@command.command("sign-out", cls=Command)
@click.argument("user")
@json_option
def sign_out(user: str, as_json: bool) -> None:
    """End every session of USER; tokens of these sessions are refused within two seconds."""
    from nexus_data import people

    with _database() as address:
        ended = people.sign_out(address, user)
    if as_json:
        print_json({"ended": ended})
    else:
        say(f"ended {ended} refresh tokens of {user}")


@command.command("list", cls=Command)
@click.option("--all", "everybody", is_flag=True, help="Also users of whom nothing was decided.")
@json_option
def list_(everybody: bool, as_json: bool) -> None:
    """Show who may sign in, the granted role beside the one that files propose, and assignments."""
    from nexus_data.people import people

    with _database() as address:
        found = people(address, decided=not everybody)
    if as_json:
        print_json({"users": [asdict(one) for one in found]})
        return
    for one in found:
        _show(one)


@contextmanager
def _database() -> Iterator[str]:
    """The URL of the migrated database, while its server runs."""
    from nexus_data.postgres.migrate import migrate
    from nexus_data.services import running
    from nexus_data.settings import Settings

    with running(Settings.from_env()) as services:
        migrate(services.postgres_url)
        yield services.postgres_url


def _typed(user: str) -> str:
    """Never from the command line, whose words every user of the machine can read."""
    if sys.stdin.isatty():
        given: str = click.prompt(f"Password of {user}", hide_input=True, confirmation_prompt=True, err=True)
        return given
    return sys.stdin.readline().rstrip("\r\n")


def _report(done: "Person", as_json: bool) -> None:
    if as_json:
        print_json(asdict(done))
    else:
        _show(done)


def _show(one: "Person") -> None:
    signs_in = "signs in" if one.may_sign_in else "does not sign in"
    proposed = f" (files propose {one.primary_pov_role})" if one.primary_pov_role not in (None, one.role) else ""
    sees = f", assigned {', '.join(one.assigned)}" if one.assigned else ""
    console().print(
        f"{one.user_id}  {one.email or 'no email'}  {signs_in}, role {one.role or _NONE}{proposed}{sees}",
        soft_wrap=True,
    )
