"""Who may still commit: a server carries out what a killed client asked of it last, so that a COMMIT outlives its run.

Every transaction that changes what is published says so before it commits, and a run that opens waits for those of dead
runs before it looks what is published. What is in the transactions is not known here.
"""

from typing import Any

from psycopg import Connection

_LOCK = 0x6E6578636F  # "nexco"


def announce(connection: Connection[Any]) -> None:
    """Let the next run that opens wait for the end of this transaction."""
    connection.execute("SELECT pg_advisory_xact_lock_shared(%s)", (_LOCK,))


def outlast(connection: Connection[Any]) -> None:
    """Wait until every announced transaction has ended; only for the one who holds the writer's lock."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
