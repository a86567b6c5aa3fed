"""The floor: what this machine must spend on the same rows if nothing is checked, standardized or proved.

Reading the CSV as text; COPY of a ready binary file, in the order of the key, into a bare table; the same key and
indexes. All that lies above it is the pipeline's own cost.
"""

import sys
from pathlib import Path

import msgspec
import polars as pl
import psycopg
from psycopg import sql

from nexus_data.bench.meter import Cost, Servers
from nexus_data.postgres.connect import connection
from nexus_data.postgres.partitions import index_build
from nexus_data.services import running
from nexus_data.settings import Settings
from nexus_data.tables.polars_schema import schema
from nexus_data.tables.trading_operations import TRADING_OPERATIONS

_BLOCK = 1 << 20
_BARE = "floor_operations"


class Floor(msgspec.Struct, frozen=True):
    """rows: those that the pipeline published, which the binary file holds. stages: read, copy, index."""

    rows: int
    stages: list[Cost]


def measure(settings: Settings, csv: Path, *, scratch: Path) -> Floor:
    """Measure it beside the published table; the bare table and the binary file are dropped afterwards."""
    ready = scratch / "ready.bin"
    with running(settings) as services, connection(services.postgres_url) as database:
        servers = Servers.of(services)
        _write_ready(database, ready)
        since = servers.now()
        _read(csv)
        stages = [servers.cost("read", since)]
        since = servers.now()
        rows = _copy(database, ready)
        stages.append(servers.cost("copy", since))
        since = servers.now()
        index_build(database, _BARE)
        database.rollback()
        stages.append(servers.cost("index", since))
    ready.unlink()
    return Floor(rows=rows, stages=stages)


def _read(csv: Path) -> None:
    pl.read_csv(csv, infer_schema=False, truncate_ragged_lines=True, quote_char=None, encoding="utf8-lossy")


def _columns() -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, schema(TRADING_OPERATIONS).names()))


def _write_ready(database: psycopg.Connection, ready: Path) -> None:
    statement = sql.SQL(
        "COPY (SELECT {} FROM trading_operations ORDER BY date, operation_id) TO STDOUT (FORMAT binary)"
    ).format(_columns())
    with database.cursor() as cursor, ready.open("wb") as target, cursor.copy(statement) as rows:
        for block in rows:
            target.write(block)
    database.commit()


def _copy(database: psycopg.Connection, ready: Path) -> int:
    bare = sql.SQL("CREATE TABLE {} (LIKE trading_operations INCLUDING ALL EXCLUDING INDEXES EXCLUDING CONSTRAINTS)")
    database.execute(bare.format(sql.Identifier(_BARE)))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(sql.Identifier(_BARE), _columns())
    with database.cursor() as cursor:
        with ready.open("rb") as source, cursor.copy(statement) as target:
            while block := source.read(_BLOCK):
                target.write(block)
        return cursor.rowcount


def main(home: str, csv: str, scratch: str) -> None:
    """Measure and print."""
    floor = measure(Settings.from_env({"NEXUS_HOME": home}), Path(csv), scratch=Path(scratch))
    sys.stdout.buffer.write(msgspec.json.encode(floor) + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
