"""One run of the pipeline: its lease on the services, its lock, its staging folder, and what is left of dead runs.

The steps themselves live in their own modules; nothing here knows what they do.
"""

import fcntl
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

import psycopg
from psycopg.rows import TupleRow

from nexus_data.errors import NexusError, RunError, SettingError
from nexus_data.lake import recover
from nexus_data.ledger import Generation, current_generation
from nexus_data.postgres.commits import outlast
from nexus_data.postgres.connect import connection
from nexus_data.postgres.migrate import migrate
from nexus_data.postgres.partitions import drop_stale_builds
from nexus_data.services import Services, running
from nexus_data.settings import Settings
from nexus_data.sql import query

log = logging.getLogger(__name__)

INCOMING = "raw/incoming"
"""Under the home: files that are being copied, of which a dead run may leave some half done."""

_WRITER_LOCK = 0x6E65787573  # "nexus": the advisory lock by which homes that share a database take turns
_LOCK_FILE = "writer.lock"
_POLL_SECONDS = 0.2
_LAST_RUN = "last-published-run"
_FULL = ("no space left", "disk quota exceeded", "file too large")


@dataclass(frozen=True, slots=True)
class Run:
    """An open run: the only writer of its home and database while it is open.

    base: the generation that was current when the run began. started: by the monotonic clock.
    """

    settings: Settings
    run_id: str
    services: Services
    staging: Path
    base: Generation
    started: float


@contextmanager
def open_run(settings: Settings, *, run_id: str) -> Iterator[Run]:
    """Take the lease and the lock, bring the database up to date, undo what a dead run left, yield the run.

    Raises SettingError (home cannot be written), ServiceError (no database), RunError (another run holds the lock for
    longer than NEXUS_LOCK_TIMEOUT, or the lake does not belong to the database).
    """
    started = time.monotonic()
    _writable(settings.home)
    with _full_disk_said(settings.home), running(settings) as services, _writer(settings, services.postgres_url):
        migrate(services.postgres_url)
        base = _undo_dead_runs(settings, services.postgres_url)
        staging = settings.home / "staging" / run_id
        staging.mkdir(parents=True)
        yield Run(settings=settings, run_id=run_id, services=services, staging=staging, base=base, started=started)
        shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def _full_disk_said(home: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # Polars, DuckDB and delta-rs each wrap ENOSPC in an error of their own; the text is what they share.
        if not any(words in str(error).lower() for words in _FULL) or isinstance(error, NexusError):
            raise
        raise RunError(
            f"no space left on the disk of {home}: free some and run again; what had not been published is undone then"
        ) from error


def _writable(home: Path) -> None:
    if odd := sorted(set("[]%") & set(str(home))):
        raise SettingError(
            f"NEXUS_HOME={home} cannot be used: Delta cannot open a path with {odd[0]} in it; choose another"
        )
    try:
        home.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=home).close()
    except OSError as error:
        raise SettingError(f"NEXUS_HOME={home} cannot be written: {error.strerror or error}") from error


@contextmanager
def _writer(settings: Settings, url: str) -> Iterator[None]:
    deadline = time.monotonic() + settings.lock_timeout
    with (settings.home / _LOCK_FILE).open("w") as handle, connection(url) as held:
        held.autocommit = True
        _wait(lambda: _flock(handle.fileno()), deadline, settings)
        _wait(lambda: _advisory(held), deadline, settings)
        yield


def is_writing(home: Path) -> bool:
    """Whether some run of this home is open."""
    try:
        with (home / _LOCK_FILE).open("r") as handle:
            return not _flock(handle.fileno(), shared=True)
    except FileNotFoundError:
        return False


def _flock(fd: int, *, shared: bool = False) -> bool:
    try:
        fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _advisory(held: psycopg.Connection[TupleRow]) -> bool:
    row = held.execute("SELECT pg_try_advisory_lock(%s)", (_WRITER_LOCK,)).fetchone()
    return bool(row and row[0])


def _wait(acquire: Callable[[], bool], deadline: float, settings: Settings) -> None:
    waiting = False
    while not acquire():
        if time.monotonic() > deadline:
            raise RunError(
                f"another run holds {settings.home} (or its database) for longer than "
                f"NEXUS_LOCK_TIMEOUT={settings.lock_timeout:g} s; nothing was done"
            )
        if not waiting:
            log.info("waiting for another run to finish")
            waiting = True
        time.sleep(_POLL_SECONDS)


def remember(run: Run) -> None:
    """Note in the home which run was committed last, so that another database is noticed before it is trusted."""
    # In one step: half a note would refuse this home's own database.
    part = run.staging / _LAST_RUN
    part.write_text(run.run_id, encoding="utf-8")
    part.replace(run.settings.home / _LAST_RUN)


def _demand_own_database(home: Path, database: psycopg.Connection[TupleRow]) -> None:
    last = home / _LAST_RUN
    if not last.exists():
        return
    run_id = last.read_text(encoding="utf-8")
    if database.execute(query("ledger/generation_of_run"), {"run_id": run_id}).fetchone() is None:
        raise RunError(
            f"{home} was last published to another database: this one does not know its run {run_id}. Set "
            "NEXUS_POSTGRES_URL to the database of this home, or NEXUS_HOME to another home; to give the home up to "
            f"this database, whose generation then counts, delete {last}"
        )


def _undo_dead_runs(settings: Settings, url: str) -> Generation:
    with connection(url) as database:
        outlast(database)
        _demand_own_database(settings.home, database)
        base = current_generation(database)
        drop_stale_builds(database)
        database.commit()
    dead = [folder.name for folder in (settings.home / "staging").glob("*")]
    recover(settings.home, base=base, dead_runs=dead)
    for left in ("staging", INCOMING):
        shutil.rmtree(settings.home / left, ignore_errors=True)
    return base
