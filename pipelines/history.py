"""Dagster's own history, which its open-source release never forgets: runs of long ago, their events and their files.

A run that last materialized an asset, or a month of one, stays: without it the UI would show them as never made.
"""

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
from dagster import DagsterEventType

if TYPE_CHECKING:
    from nexus_data.cleanup.kinds import Candidate, Work

log = logging.getLogger(__name__)

_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
_AT_ONCE = 500
_PATIENCE_SECONDS = 10.0


class RunHistory:
    """Runs that have ended; a kind of cleanup (`nexus_data.cleanup.kinds.Removal`)."""

    name = "orchestrator"
    publishes = False

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self._instance = instance

    def find(self, work: "Work") -> "Iterator[Candidate]":
        """All old runs as one thing: nobody wants a line for each."""
        from nexus_data.cleanup.kinds import Candidate

        age = work.settings.retention.orchestrator
        runs = self._old(work)
        if runs and age:
            size = sum(path.stat().st_size for run in runs for path in self._files(run) if path.exists())
            day = age.before(work.now.date()).isoformat()
            yield Candidate(self.name, f"runs before {day}", len(runs), size, f"ended more than {age} ago")

    def hide(self, _work: "Work", _items: Sequence[str]) -> None:
        """Nobody reads it but people."""

    def begun(self, _work: "Work", _item: str) -> bool:
        """As if it had: to remove what is gone does nothing."""
        return True

    def drop(self, work: "Work", _item: str) -> None:
        """Delete the runs with their events, and give the room back to the disk."""
        for run in self._old(work):
            self._instance.delete_run(run)
            for path in self._files(run):
                path.unlink(missing_ok=True)
        for database in (*self._home().glob("history/*.db"), self._home() / "history" / "runs" / "index.db"):
            _shrink(database)

    def _old(self, work: "Work") -> list[str]:
        age = work.settings.retention.orchestrator
        if age is None:
            return []
        before = datetime.combine(age.before(work.now.date()), datetime.min.time(), UTC)
        ended = dg.RunsFilter(statuses=_ENDED, created_before=before)
        runs = [record.dagster_run.run_id for record in self._instance.get_run_records(ended)]
        wanted = self._newest() if runs else set()
        return [run for run in runs if run not in wanted]

    def _newest(self) -> set[str]:
        """The runs that last made something."""
        storage = self._instance.event_log_storage
        keys = storage.all_asset_keys()
        events = storage.get_latest_materialization_events(keys).values()
        found = {event.run_id for event in events if event}
        ids = {number for key in keys for number in self._newest_of_months(key)}
        for first in range(0, len(ids), _AT_ONCE):
            part = sorted(ids)[first : first + _AT_ONCE]
            wanted = dg.EventRecordsFilter(DagsterEventType.ASSET_MATERIALIZATION, storage_ids=part)
            found |= {record.run_id for record in storage.get_event_records(wanted)}
        return found

    def _newest_of_months(self, key: dg.AssetKey) -> list[int]:
        kind = DagsterEventType.ASSET_MATERIALIZATION
        return list(self._instance.event_log_storage.get_latest_storage_id_by_partition(key, kind).values())

    def _home(self) -> Path:
        return Path(self._instance.root_directory)

    def _files(self, run_id: str) -> list[Path]:
        """A run has a database of its own, of which deleting the run deletes the rows."""
        return [self._home() / "history" / "runs" / f"{run_id}.db{end}" for end in ("", "-wal", "-shm", "-journal")]


def _shrink(path: Path) -> None:
    with closing(sqlite3.connect(path, timeout=_PATIENCE_SECONDS, isolation_level=None)) as database:
        try:
            database.execute("VACUUM")
        except sqlite3.OperationalError as error:
            log.warning("%s was not made smaller this time: %s", path, error)  # Dagster is writing to it
