"""Who reads kept files one after the other, and must find them all: who removes some waits for that."""

from typing import Any

from psycopg import Connection

_LOCK = 0x6E65787261  # "nexra"


def keep_all(connection: Connection[Any]) -> None:
    """Have no kept file removed until this connection ends; waits for a removal that is under way.

    Of the session, because a transaction of one snapshot would take that to ask for the lock, and wait with it.
    """
    connection.execute("SELECT pg_advisory_lock_shared(%s)", (_LOCK,))
    connection.commit()


def demand_unread(connection: Connection[Any]) -> None:
    """Wait until nobody counts on all kept files, and keep whoever would waiting until this transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
