"""Doing a duty once: the database knows which periods are done, and lets one at a time do a duty."""

import logging
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zlib import crc32

import psycopg

from nexus_data.duties.calendar import DUTIES, Duty
from nexus_data.postgres.connect import connection
from nexus_data.postgres.migrate import migrate
from nexus_data.services import running
from nexus_data.settings import Settings
from nexus_data.sql import query

log = logging.getLogger(__name__)

_LOCKS = 0x6E64  # "nd": the first half of the advisory locks of duties


def perform(settings: Settings, duty: Duty, *, period: str, run_id: str, act: Callable[[], str]) -> str:
    """Do the duty for the period, unless it is done; what came of it, in words.

    Of two at once the second waits, and finds it done. What `act` raises passes, and leaves it undone.
    """
    with running(settings) as services:
        migrate(services.postgres_url)
        with connection(services.postgres_url) as held, _turn(held, duty):
            about = {"duty": duty.name, "period": period}
            done = held.execute(query("duties/done"), about).fetchone()
            if done:
                return f"done before: {done[0]}"
            outcome = act()
            held.execute(query("duties/note"), {**about, "run_id": run_id, "outcome": outcome})
    log.info("%s of %s: %s", duty.name, period, outcome)
    return outcome


@contextmanager
def _turn(held: psycopg.Connection[Any], duty: Duty) -> Any:
    held.autocommit = True
    number = crc32(duty.name.encode()) & 0x7FFFFFFF
    held.execute("SELECT pg_advisory_lock(%s, %s)", (_LOCKS, number))
    yield
    held.execute("SELECT pg_advisory_unlock(%s, %s)", (_LOCKS, number))


def undone(settings: Settings, *, now: datetime, names: Iterable[str]) -> list[tuple[Duty, str]]:
    """Those of the duties whose newest period is due by now and not done; none where nothing was ever published."""
    due = [(DUTIES[name], DUTIES[name].period(now)) for name in names]
    with running(settings) as services:
        migrate(services.postgres_url)
        with connection(services.postgres_url) as database:
            if database.execute(query("ledger/current_generation")).fetchone() is None:
                return []
            about = {"duties": [duty.name for duty, _ in due], "periods": [period for _, period in due]}
            done = set(database.execute(query("duties/done_of_all"), about).fetchall())
    return [(duty, period) for duty, period in due if (duty.name, period) not in done]
