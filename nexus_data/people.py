"""What an operator decides about people: passwords, granted roles, assignments, and the end of sessions.

Who the people are comes from files (the table users). What this writes no file and no run writes; what a role widens is
known to the API alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from nexus_data.errors import PersonError
from nexus_data.passwords import hashed
from nexus_data.postgres.connect import connection
from nexus_data.sql import query
from nexus_data.tables.users import ROLES


@dataclass(frozen=True, slots=True)
class Person:
    """A user and what was decided. primary_pov_role: as files say; role: as granted; assigned: user ids."""

    user_id: str
    email: str | None
    display_name: str | None
    status: str
    primary_pov_role: str | None
    role: str | None
    may_sign_in: bool
    changed_at: datetime | None
    assigned: list[str]


def people(url: str, *, decided: bool = True) -> list[Person]:
    """The users of whom anything was decided, or all. ServiceError as `connection`."""
    with connection(url) as database, database.cursor(row_factory=class_row(Person)) as cursor:
        return cursor.execute(query("people/people"), {"name": None, "decided": decided}).fetchall()


def person(url: str, name: str) -> Person:
    """The user of that email or id. PersonError when there is none."""
    with connection(url) as database:
        return _person(database, name)


def set_password(url: str, name: str, password: str) -> Person:
    """Give a user a password and end what sessions there are. PersonError, PasswordError."""
    kept = hashed(password)
    with connection(url) as database:
        found = _person(database, name)
        if found.email is None:
            raise PersonError(f"user {found.user_id} has no email to sign in with: land a file of users that has it")
        database.execute(query("people/set_password"), {"user_id": found.user_id, "password_hash": kept})
        _end_sessions(database, found.user_id)
        return _person(database, found.user_id)


def remove_password(url: str, name: str) -> Person:
    """Let a user sign in no more, and end the sessions. PersonError."""
    with connection(url) as database:
        found = _person(database, name)
        database.execute(query("people/set_password"), {"user_id": found.user_id, "password_hash": None})
        _end_sessions(database, found.user_id)
        return _person(database, found.user_id)


def grant(url: str, name: str, *, role: str | None) -> Person:
    """Grant a role, or take it back (None), and end the sessions, whose tokens name the old one. PersonError."""
    if role is not None and role not in ROLES:
        raise PersonError(f"there is no role {role!r}; the roles are {', '.join(ROLES)}")
    with connection(url) as database:
        found = _person(database, name)
        database.execute(query("people/set_role"), {"user_id": found.user_id, "role": role})
        _end_sessions(database, found.user_id)
        return _person(database, found.user_id)


def assign(url: str, name: str, *, subjects: Sequence[str]) -> Person:
    """Let a user look at the data of others, where the role sees assigned ones. PersonError, and nothing is done."""
    return _assigned(url, name, subjects, "people/assign")


def unassign(url: str, name: str, *, subjects: Sequence[str]) -> Person:
    """Take assignments back. PersonError, and nothing is done."""
    return _assigned(url, name, subjects, "people/unassign")


def sign_out(url: str, name: str) -> int:
    """End every session of a user; how many there were. PersonError."""
    with connection(url) as database:
        return _end_sessions(database, _person(database, name).user_id)


def _assigned(url: str, name: str, subjects: Sequence[str], statement: str) -> Person:
    with connection(url) as database:
        found = _person(database, name)
        for subject in subjects:
            values = {"user_id": found.user_id, "subject": _person(database, subject).user_id}
            database.execute(query(statement), values)
        return _person(database, found.user_id)


def _person(database: psycopg.Connection[Any], name: str) -> Person:
    with database.cursor(row_factory=class_row(Person)) as cursor:
        try:
            found = cursor.execute(query("people/people"), {"name": name, "decided": False}).fetchall()
        except psycopg.errors.UndefinedTable:
            found = []
    if not found:
        raise PersonError(
            f"there is no user with the email or id {name!r}; users come from files: land one with that user, "
            "such as the platform's users.csv, then run again"
        )
    if len(found) > 1:
        # Else a file could have another user's id be somebody's email, and so catch what is granted to that person.
        ids = ", ".join(one.user_id for one in found)
        raise PersonError(f"{name!r} is the id of one user and the email of another: {ids}; mend the file of users")
    return found[0]


def _end_sessions(database: psycopg.Connection[Any], user_id: str) -> int:
    return database.execute(query("people/end_sessions_of_user"), {"user_id": user_id}).rowcount
