"""Starts the embedded Postgres, whatever a killed one left behind. Stopping it is the watchdog's."""

import logging
import time
from contextlib import suppress
from pathlib import Path

from psycopg import pq

from nexus_data.errors import ServiceError
from nexus_data.services import cluster, watchdog
from nexus_data.services.layout import Layout

_log = logging.getLogger(__name__)
_PAUSE = 0.1
_SILENCE = 15.0
_LOG_LIMIT = 16 * 1024**2


def url(layout: Layout) -> str:
    """How clients reach it, in libpq's form. The port is a part of the socket's name, which PGPORT would change."""
    return f"postgresql://nexus@:5432/nexus?host={layout.run}"


def is_up(layout: Layout) -> bool:
    """Whether it takes connections; no login, so that a full house counts as up."""
    return _ping(layout) == pq.Ping.OK


def start(layout: Layout, programs: Path, *, timeout: float) -> None:
    """Have it up within `timeout` seconds, else ServiceError; the caller holds the start lock."""
    cluster.check_account(layout.account)
    cluster.make(layout, programs)
    cluster.check_version(layout, programs)
    if _settled(layout, timeout=timeout):
        return
    _clear_leftovers(layout)
    cluster.configure(layout, programs)
    _rotate_log(layout)
    _launch(layout, programs, timeout=timeout)
    _log.info("started Postgres of %s on the data in %s", programs, layout.data)


def _ping(layout: Layout) -> pq.Ping:
    return pq.Ping(pq.PGconn.ping(f"host={layout.run} port=5432 user=nexus dbname=nexus connect_timeout=3".encode()))


def _settled(layout: Layout, *, timeout: float) -> bool:
    """Wait for what an earlier starter began: True when a server came up, False when no process of it is left."""
    deadline = time.monotonic() + timeout
    heard = time.monotonic()
    while marked := _processes(layout):
        answer = _ping(layout)
        if answer == pq.Ping.OK:
            return True
        heard = time.monotonic() if answer == pq.Ping.REJECT else heard
        if not watchdog.postmasters(marked) or time.monotonic() - heard > _SILENCE or _lost_its_socket(layout):
            # Orphans of a killed server would hold the data folder until their queries end.
            watchdog.end(layout.postgres_marker, uid=layout.account.uid)
        elif time.monotonic() > deadline:
            raise ServiceError(f"Postgres is not ready after {timeout:g} seconds; its log is {_log_file(layout)}")
        time.sleep(_PAUSE)
    return False


def _processes(layout: Layout) -> dict[int, str]:
    return watchdog.processes(layout.postgres_marker, uid=layout.account.uid)


def _lost_its_socket(layout: Layout) -> bool:
    """Whether a server that says it is ready has no socket (cleaners of temporary folders do that)."""
    try:
        status = (layout.data / "postmaster.pid").read_text().splitlines()[7].strip()
    except (OSError, IndexError):
        return False
    return status == "ready" and not (layout.run / ".s.PGSQL.5432").exists()


def _clear_leftovers(layout: Layout) -> None:
    # Their process ids may be of other processes by now, or of zombies: Postgres would refuse to start on either.
    for path in (
        layout.data / "postmaster.pid",
        layout.run / ".s.PGSQL.5432",
        layout.run / ".s.PGSQL.5432.lock",
    ):
        with suppress(FileNotFoundError):
            path.unlink()


def _launch(layout: Layout, programs: Path, *, timeout: float) -> None:
    options = f"-c cluster_name={layout.place}-{layout.postgres_marker}"
    # Relative paths, since pg_ctl hands them to a shell.
    command: list[str | Path] = [programs / "pg_ctl", "start", "-s", "-w", "-D", layout.data.name]
    command += ["-t", f"{max(timeout, 1):.0f}"]
    command += ["-l", _log_file(layout).name, "-o", options]
    started = layout.account.run(command, cwd=layout.servers, timeout=timeout + 60)
    if started.returncode != 0 and not _settled(layout, timeout=timeout):
        raise ServiceError(
            f"Postgres did not start: {_last_lines(layout) or started.stderr.strip()}; its log is {_log_file(layout)}; "
            "NEXUS_POSTGRES_URL takes a server of your own instead"
        )


def _log_file(layout: Layout) -> Path:
    return layout.servers / "postgres.log"


def _rotate_log(layout: Layout) -> None:
    path = _log_file(layout)
    if path.exists() and path.stat().st_size > _LOG_LIMIT:
        path.rename(path.with_suffix(".log.1"))


def _last_lines(layout: Layout) -> str:
    try:
        return " | ".join(_log_file(layout).read_text(errors="replace").splitlines()[-5:])
    except OSError:
        return ""
