"""Tables that are built beside the published ones, several at a time, each in a transaction of its own."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
from psycopg.rows import TupleRow

from nexus_data.postgres.commits import announce
from nexus_data.postgres.connect import connection

_WORKERS = 3


def builders() -> ThreadPoolExecutor:
    """Who builds: each waits in turn for its session of Postgres and that for it, so that two do not fill two cores."""
    return ThreadPoolExecutor(_WORKERS, thread_name_prefix="build")


@contextmanager
def building(url: str) -> Iterator[psycopg.Connection[TupleRow]]:
    """The transaction of one build, committed at the end. It takes no parallel workers: other builds fill the cores."""
    with connection(url) as database:
        announce(database)
        database.execute("SET LOCAL max_parallel_maintenance_workers = 0")
        database.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        yield database
