"""One look at the installation: what is wrong is booked, and who is to know is told."""

from collections.abc import Sequence
from datetime import UTC, datetime

from nexus_data.alerts.book import alerts, book
from nexus_data.alerts.conditions import LOOKS, Scene
from nexus_data.alerts.model import Alert, Condition, Look
from nexus_data.alerts.tell import LOG, tell
from nexus_data.notify import channels
from nexus_data.postgres.catalog import has_table
from nexus_data.postgres.connect import connection
from nexus_data.services import running
from nexus_data.settings import Settings
from nexus_data.sql import query

GIVEN = ("run_failed", "check_failed", "check_missing")
"""Kinds that only a caller who knows the scheduler can look for."""


def look(settings: Settings, *, given: Sequence[Condition] | None = None, now: datetime | None = None) -> Look:
    """Look for everything, book it, tell it.

    given: conditions of the kinds GIVEN, from the scheduler; None leaves alerts of these kinds as they are. now: for
    lateness; the clock's when None. Raises ServiceError when Postgres cannot be used, SettingError for NEXUS_NOTIFY.
    """
    now = now or datetime.now(UTC)
    told = channels(settings.notify)
    with running(settings) as services, connection(services.postgres_url) as database:
        database.autocommit = True
        if not has_table(database, "alerts"):
            return Look((), (), 0, 0)
        scene = Scene(settings, services, database, now)
        found = [condition for find in LOOKS for condition in find(scene)]
        kinds = {find.__name__ for find in LOOKS} | set(GIVEN if given is not None else ())
        names = (LOG, *(channel.name for channel in told))
        fired, resolved = book(database, [*found, *(given or ())], kinds=kinds, channels=names, now=now)
        undelivered = tell(database, told, now=now)
        row = database.execute(query("alerts/open")).fetchone()
    return Look(fired, resolved, int(row[0]) if row else 0, undelivered)


def known(settings: Settings, *, open_only: bool = True) -> list[Alert]:
    """Alerts as the last look left them, open ones first, then the newest; none before the first run."""
    with running(settings) as services, connection(services.postgres_url) as database:
        return alerts(database, open_only=open_only) if has_table(database, "alerts") else []
