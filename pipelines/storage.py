"""Dagster's history in its own SQLite files, by engines that are kept. What is in the files is Dagster's business.

Dagster makes an SQLAlchemy engine for each statement, compiles anew, waits for the disk, and takes the write-ahead log
into the file as it closes the connection; a run that touches five years of months stores some 250 events, each in two
files. Kept engines remember what they compiled, and their connections stay open until the instance is disposed of.
Events that come in bursts are stored together.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from itertools import compress, groupby
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Any, Self

import dagster as dg
from dagster._core.events import ASSET_EVENTS
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorage
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.schedules.sqlite.sqlite_schedule_storage import SqliteScheduleStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS, create_db_conn_string
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, inspect, text

_BURSTS = {
    dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED,
    dg.DagsterEventType.ASSET_MATERIALIZATION,
    dg.DagsterEventType.STEP_OUTPUT,
}


def with_kept_engines(ref: InstanceRef) -> InstanceRef:
    """The same instance; where its storage is Dagster's default, by kept engines."""
    stored = ref.storage_data
    if stored is None or stored.class_name != DagsterSqliteStorage.__name__:
        return ref
    return ref._replace(storage_data=ConfigurableClassData(__name__, Storage.__name__, stored.config_yaml))


@cache
def _engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})
    event.listen(engine, "connect", _wait_for_no_disk)
    return engine


def _is_complete(engine: Engine, *, table: str = "alembic_version") -> bool:
    """Whether Dagster made this file to the end: it notes the revision of its tables last, or else makes `table` last.

    Dagster itself reads all its migrations to see that.
    """
    with engine.connect() as connection:
        there = inspect(connection)
        if not (there.has_table("alembic_version") and there.has_table(table)):
            return False
        return connection.execute(text("SELECT version_num FROM alembic_version")).first() is not None


def _wait_for_no_disk(connection: Any, _record: Any) -> None:
    # Killed, we lose nothing of the log; a power cut may cost the newest events, none of which is evidence.
    connection.execute("PRAGMA synchronous = NORMAL")


class _Events(SqliteEventLogStorage):
    """As its base, of whose `_connect` this is the same without the engine's making, and with events in bursts.

    A step ends with all that it made, five years of months one by one: these events wait until anything else is
    stored or asked, which is at once, and are then stored together.
    """

    def __init__(self, base_dir: str) -> None:
        self._waiting: list[dg.EventLogEntry] = []
        super().__init__(base_dir)

    def _initdb(self, engine: Engine, for_index_shard: bool = False) -> None:
        if not _is_complete(engine):
            super()._initdb(engine, for_index_shard)

    def store_event(self, event: dg.EventLogEntry) -> None:
        if event.dagster_event_type in _BURSTS:
            with self._db_lock:
                self._waiting.append(event)
        else:
            super().store_event(event)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            self._store_waiting()
            with self._opened(shard) as connection:
                yield connection

    @contextmanager
    def _opened(self, shard: str) -> Iterator[Connection]:
        engine = _engine(self.conn_string_for_shard(shard))
        if shard not in self._initialized_dbs:
            self._begin(shard)
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        with engine.begin() as connection:
            yield connection

    def _begin(self, shard: str) -> None:
        """Let the file of a new run begin as a copy of an empty one: to make one takes Dagster a tenth of a second."""
        target = Path(self.path_for_shard(shard))
        if shard == INDEX_SHARD_NAME or target.exists():
            return
        empty = self._empty_file()
        with NamedTemporaryFile(dir=target.parent) as part, suppress(FileExistsError):
            part.write(empty.read_bytes())
            part.flush()
            os.link(part.name, target)

    def _empty_file(self) -> Path:
        """A file without events, as this release of Dagster makes it; it stands beside the folder of those of runs."""
        empty = Path(self._base_dir).parent / f"empty-{dg.__version__}"
        if not empty.exists():
            with TemporaryDirectory(dir=empty.parent) as folder:
                made = Path(folder) / "made.db"
                engine = create_engine(f"sqlite:///{made}", poolclass=NullPool)
                self._initdb(engine)
                made.rename(empty)
        return empty

    def _store_waiting(self) -> None:
        """Store the burst as `store_event` of the base would: all of it by run, and what is of assets in the index."""
        burst, self._waiting = self._waiting, []
        for run_id, events in groupby(burst, key=lambda event: event.run_id):
            self._store_burst(run_id, list(events))

    def _store_burst(self, run_id: str, events: Sequence[dg.EventLogEntry]) -> None:
        rows = [self._event_to_row(event) for event in events]
        with self._opened(run_id) as connection:
            connection.execute(SqlEventLogStorageTable.insert(), rows)
        of_assets = [event.dagster_event_type in ASSET_EVENTS for event in events]
        self._store_of_assets(list(compress(events, of_assets)), list(compress(rows, of_assets)))

    def _store_of_assets(self, events: Sequence[dg.EventLogEntry], rows: Sequence[dict[str, Any]]) -> None:
        if not events:
            return
        numbered = SqlEventLogStorageTable.insert().returning(
            SqlEventLogStorageTable.c.id, sort_by_parameter_order=True
        )
        with self._opened(INDEX_SHARD_NAME) as connection:
            ids = connection.execute(numbered, rows).scalars().all()
            self._store_asset_event_tags(connection, events, ids)
            # Of an asset's events of a kind its row tells the last one.
            last = {(row["asset_key"], row["dagster_event_type"]): place for place, row in enumerate(rows)}
            for place in sorted(last.values()):
                self._store_asset_event(connection, events[place], ids[place])

    def _has_asset_key_index_cols_on_connection(self, conn: Connection) -> bool:  # noqa: ARG002 - of the base
        # Looked up for every event of an asset; each home was made by a release of Dagster that has them.
        return True

    def dispose(self) -> None:
        with self._db_lock:
            self._store_waiting()
        super().dispose()
        for shard in self._initialized_dbs:
            _engine(self.conn_string_for_shard(shard)).dispose()


class _Runs(SqliteRunStorage):
    """As its base, which makes an engine for each connection."""

    @classmethod
    def from_local(cls, base_dir: str, inst_data: ConfigurableClassData | None = None) -> Self:
        url = create_db_conn_string(base_dir, "runs")
        if Path(base_dir, "runs.db").exists() and _is_complete(_engine(url), table="instance_info"):
            return cls(url, inst_data)
        return super().from_local(base_dir, inst_data)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with _engine(self._conn_string).begin() as connection:
            yield connection

    def dispose(self) -> None:
        super().dispose()
        _engine(self._conn_string).dispose()


class _Schedules(SqliteScheduleStorage):
    """As its base, which reads all migrations at each start."""

    @classmethod
    def from_local(cls, base_dir: str, inst_data: ConfigurableClassData | None = None) -> SqliteScheduleStorage:
        url = create_db_conn_string(base_dir, "schedules")
        if Path(base_dir, "schedules.db").exists() and _is_complete(_engine(url)):
            return cls(url, inst_data)
        return super().from_local(base_dir, inst_data)

    def dispose(self) -> None:
        super().dispose()
        _engine(self._conn_string).dispose()


class Storage(DagsterSqliteStorage):
    """The files of `DagsterSqliteStorage` in the same folders."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self.base_dir = base_dir
        self._run_storage = _Runs.from_local(f"{base_dir}/history/")
        self._event_log_storage = _Events(f"{base_dir}/history/runs/")
        self._schedule_storage = _Schedules.from_local(f"{base_dir}/schedules")
        self._inst_data = inst_data

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> "Storage":
        return cls(inst_data=inst_data, **config_value)
