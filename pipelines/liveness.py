"""Which runs still have a process: a killed one leaves its run `started`, and the queue would wait for it for ever."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from nexus_data.settings import Settings


@contextmanager
def alive(settings: Settings, run_id: str) -> Iterator[None]:
    """Hold the run's lock file: the kernel lets go of it when this process ends, however it ends."""
    path = _lock(settings, run_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle.fileno(), fcntl.LOCK_EX)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def bury_dead_runs(settings: Settings, instance: dg.DagsterInstance) -> list[str]:
    """Mark runs as failed whose process is gone; their ids."""
    started = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    dead = [run for run in started if _is_dead(_lock(settings, run.run_id))]
    for run in dead:
        instance.report_run_failed(run, "The process of this run ended without a word (killed?). Launch it again.")
        _lock(settings, run.run_id).unlink(missing_ok=True)
    return [run.run_id for run in dead]


def _lock(settings: Settings, run_id: str) -> Path:
    return settings.home / "dagster" / "alive" / run_id


def _is_dead(path: Path) -> bool:
    try:
        with path.open("r") as handle:
            fcntl.flock(handle.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (FileNotFoundError, BlockingIOError):
        return False
    return True
