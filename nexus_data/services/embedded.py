"""Leases, starts and the watchdog put together: what `running` does where a URL is not set. Needs a Unix (fcntl)."""

import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from nexus_data.errors import ServiceError
from nexus_data.services import lease, postgres_server, valkey_server, watchdog
from nexus_data.services.binaries import postgres_folder, valkey_program
from nexus_data.services.layout import Layout, prepare
from nexus_data.settings import Settings

# Not NEXUS_LOCK_TIMEOUT, which says how long to wait for another run: recovery from a log of gigabytes takes minutes.
_TIMEOUT = 600.0
_log = logging.getLogger(__name__)


@contextmanager
def embedded(settings: Settings) -> Iterator[tuple[str, str]]:
    """Give the URLs of Postgres and Valkey, and keep what is embedded of them alive meanwhile."""
    layout = prepare(settings.home)
    with lease.locked(layout.locks / "lease", exclusive=False, timeout=_TIMEOUT):
        # Before the servers: whatever is started from here on has somebody who stops it.
        lease.ensure_watchdog(layout.locks, marker=layout.marker, uid=layout.account.uid)
        if not _all_up(layout, settings):
            with lease.locked(layout.locks / "start", exclusive=True, timeout=_TIMEOUT):
                _end_predecessors(layout)
                _start(layout, settings)
        yield settings.postgres_url or postgres_server.url(layout), settings.redis_url or valkey_server.url(layout)


def stop_unused(settings: Settings) -> bool:
    """Stop the servers unless they are in use; True when they are down."""
    layout = prepare(settings.home)
    if lease.in_use(layout.locks / "lease"):
        return False
    # Servers whose watchdog was killed get one, which then stops them.
    lease.ensure_watchdog(layout.locks, marker=layout.marker, uid=layout.account.uid)
    deadline = time.monotonic() + _TIMEOUT
    while not lease.in_use(layout.locks / "lease") and time.monotonic() < deadline:
        if not lease.hurry_watchdog(layout.locks):
            return True
        time.sleep(0.05)
    return False


def _all_up(layout: Layout, settings: Settings) -> bool:
    postgres = settings.postgres_url is not None or postgres_server.is_up(layout)
    return postgres and (settings.redis_url is not None or valkey_server.is_up(layout))


def _end_predecessors(layout: Layout) -> None:
    """End servers of a home that was removed from this place: they linger, and would unlink our sockets at their end.

    At once, since a Postgres without its files waits a long time for them.
    """
    here = watchdog.processes(f"{layout.place}-nexus-", uid=layout.account.uid)
    found = {mark for line in here.values() for mark in re.findall(rf"{layout.place}-(nexus-[0-9a-f]+)-", line)}
    for marker in found - {layout.marker}:
        watchdog.end(f"{marker}-", uid=layout.account.uid)


def _start(layout: Layout, settings: Settings) -> None:
    if settings.postgres_url is None and not postgres_server.is_up(layout):
        programs = postgres_folder(settings.postgres_bin, layout.account)
        postgres_server.start(layout, programs, timeout=_TIMEOUT)
    if settings.redis_url is None and not valkey_server.is_up(layout):
        _start_valkey(layout, settings)


def _start_valkey(layout: Layout, settings: Settings) -> None:
    try:
        valkey_server.start(layout, valkey_program(settings.valkey_bin, layout.account))
    except ServiceError as error:
        _log.warning("no cache: %s; answers come from Postgres alone (NEXUS_REDIS_URL takes a server)", error)
