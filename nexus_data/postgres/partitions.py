"""Month partitions of trading_operations: built beside the parent, then attached in one short transaction.

A publisher goes: `create_build`, COPY and `index_build` in one transaction (where wal_level is minimal the server then
writes no WAL for the rows), commit; and in its last, short transaction `attach_build` for each month. What the rows
are, and how they are copied and compared, is not known here. Indexes and key are those of nexus_data.tables; only
their names differ from partition to partition.

Postgres plans a statement over the partitions that it finds before the statement's snapshot is taken, so attaching is
not safe by snapshots alone: a statement could see the new generation without its new month. Hence every attach holds
the parent exclusively until the commit. A reader with more than one statement in a transaction begins it with
`LOCK TABLE ONLY trading_operations IN ACCESS SHARE MODE`, before its snapshot is taken; else it can find a month
empty, or the rows of a new month beside the generation before: a build is committed before it is attached. One
statement needs nothing where it has a snapshot of its own (READ COMMITTED, the default); under REPEATABLE READ its
snapshot is older than the lock that it waits for. So COPY into the build of a new month may say FREEZE: who can see
the month has waited for its commit.
"""

import hashlib
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa
from psycopg import Connection
from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled
from psycopg.sql import SQL, Composed, Identifier, Literal
from sqlalchemy.schema import AddConstraint, CreateIndex

from nexus_data.errors import RunError
from nexus_data.postgres.catalog import has_table
from nexus_data.postgres.metadata import table
from nexus_data.sql import query
from nexus_data.tables.trading_operations import TRADING_OPERATIONS

_PARENT = TRADING_OPERATIONS.name
_RANGE_CHECK = "build_range"
_PAUSE_SECONDS = 0.2
_ANY_BUILD = "any_build"
_DIALECT = sa.make_url("postgresql+psycopg://").get_dialect()()


def partition_name(parent: str, month: str) -> str:
    """`trading_operations_2024_03` for month `2024-03`; ValueError when that is no month."""
    first, _ = month_bounds(month)
    return f"{parent}_{first:%Y_%m}"


def month_bounds(month: str) -> tuple[date, date]:
    """The first day of a month (YYYY-MM) and of the next one; ValueError when it is none, or beyond the year 9998."""
    if not re.fullmatch(r"\d{4}-\d{2}", month):
        raise ValueError(f"{month!r} is not a month, YYYY-MM")
    first = date.fromisoformat(f"{month}-01")
    return first, date(first.year + first.month // 12, first.month % 12 + 1, 1)


def build_name(what: str, *, run_id: str) -> str:
    """What a run calls a table that it builds, by which `drop_stale_builds` knows it."""
    return f"build_{what}_{hashlib.sha256(run_id.encode()).hexdigest()[:8]}"


def create_build(connection: Connection[Any], month: str, *, run_id: str, until: str | None = None) -> str:
    """Create a bare table for the rows of a month, beside the parent and unseen by its readers; return its name.

    It takes the parent's columns and checks, and a check on the range that later spares ATTACH a scan; no index.
    until: the last of several months that it is for; it can be no partition then.
    """
    (first, _), (_, after) = month_bounds(month), month_bounds(until or month)
    build = build_name(f"{first:%Y_%m}", run_id=run_id)
    statement = SQL(
        "CREATE TABLE {build} (LIKE {parent} INCLUDING ALL EXCLUDING INDEXES, "
        "CONSTRAINT {check} CHECK ({column} >= {first} AND {column} < {after}))"
    )
    connection.execute(
        statement.format(
            build=Identifier(build),
            parent=Identifier(_PARENT),
            check=Identifier(_RANGE_CHECK),
            column=Identifier(str(TRADING_OPERATIONS.partition_by)),
            first=Literal(first),
            after=Literal(after),
        )
    )
    return build


def index_build(connection: Connection[Any], build: str) -> None:
    """Add the parent's key and indexes to a filled build; psycopg's UniqueViolation when the key does not hold."""
    connection.execute(_indexing().replace(_ANY_BUILD, build).encode())


@cache
def _indexing() -> str:
    """The statements that index a build called _ANY_BUILD: to work them out costs as much as to index a small month."""
    own = table(_PARENT).to_metadata(sa.MetaData(), name=_ANY_BUILD)
    key = sa.PrimaryKeyConstraint(*own.primary_key.columns, name=_own_name(_ANY_BUILD, str(own.primary_key.name)))
    statements: list[AddConstraint | CreateIndex] = [AddConstraint(key)]
    for index in own.indexes:
        index.name = sa.quoted_name(_own_name(_ANY_BUILD, str(index.name)), quote=None)
        statements.append(CreateIndex(index))
    return "; ".join(str(statement.compile(dialect=_DIALECT)) for statement in statements)


def attach_build(connection: Connection[Any], build: str, month: str, *, patience: float = 120.0) -> None:
    """Make an indexed build the partition of its month, in place of the one that may be there; reads no row.

    It holds the parent exclusively until the caller's transaction ends, and raises RunError when a reader is in its
    way for more than `patience` seconds.
    """
    attach_builds(connection, {month: build}, patience=patience)


def attach_builds(connection: Connection[Any], builds: Mapping[str, str], *, patience: float = 120.0) -> None:
    """As `attach_build`, of several months; one round trip a month."""
    if builds:
        hold_parent(connection, patience=patience)
    for month, build in builds.items():
        if has_table(connection, partition := partition_name(_PARENT, month)):
            connection.execute(SQL("DROP TABLE {}").format(Identifier(partition)))
        connection.execute(SQL("; ").join([*_renaming(build, partition), *_attaching(partition, month)]))


def _attaching(partition: str, month: str) -> Iterator[Composed]:
    first, after = month_bounds(month)
    attach = SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})")
    yield attach.format(Identifier(_PARENT), Identifier(partition), Literal(first), Literal(after))
    yield SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(Identifier(partition), Identifier(_RANGE_CHECK))


def attached_months(connection: Connection[Any]) -> tuple[str, ...]:
    """The months (YYYY-MM) that have a partition, in order."""
    rows = connection.execute(query("postgres/attached_partitions"), {"parent": _PARENT})
    return tuple(name.removeprefix(f"{_PARENT}_").replace("_", "-") for (name,) in rows)


def detach_month(connection: Connection[Any], month: str, *, patience: int = 120) -> None:
    """Take a month's partition out of the parent without keeping any reader waiting; one that is out already stays so.

    It waits for the readers that have begun with the partition, and cannot be part of a transaction: what the
    connection has done is committed first. An interrupted one is finished. Raises RunError when a reader keeps the
    parent in use for more than `patience` seconds; new readers do not see the month then, and another call finishes.
    """
    connection.commit()
    connection.autocommit = True
    name = Identifier(partition_name(_PARENT, month))
    state = connection.execute(
        query("postgres/partition_state"), {"parent": _PARENT, "month": name.as_string()}
    ).fetchone()
    if state is None:
        return
    how = SQL("FINALIZE") if state[0] else SQL("CONCURRENTLY")
    try:
        connection.execute(SQL("SET statement_timeout = {}").format(Literal(patience * 1000)))
        connection.execute(SQL("ALTER TABLE {} DETACH PARTITION {} {}").format(Identifier(_PARENT), name, how))
    except QueryCanceled as error:
        raise RunError(_holders(connection, patience)) from error
    finally:
        connection.execute("RESET statement_timeout")


def drop_detached(connection: Connection[Any], month: str) -> None:
    """Drop the table of a month that was taken out of the parent; none: nothing to do."""
    if month not in attached_months(connection):
        connection.execute(SQL("DROP TABLE IF EXISTS {}").format(Identifier(partition_name(_PARENT, month))))


def drop_stale_builds(connection: Connection[Any]) -> tuple[str, ...]:
    """Drop the builds of dead runs and return their names; only for the one who holds the writer's lock."""
    stale = connection.execute(query("postgres/stale_builds")).fetchall()
    for schema, name in stale:
        connection.execute(SQL("DROP TABLE {}").format(Identifier(schema, name)))
    return tuple(name for _, name in stale)


def hold_parent(connection: Connection[Any], *, also: Sequence[Identifier] = (), patience: float = 120.0) -> None:
    """Hold the parent, and other tables with it, exclusively until the caller's transaction ends.

    All at once, and let go of after each attempt: a reader who has one of them may be waiting for another, which
    Postgres calls a deadlock when it looks before the attempt is over. Raises RunError when a reader is in the way for
    more than `patience` seconds.
    """
    # In short attempts, for whoever waits for an exclusive lock stands in the way of every reader.
    deadline = time.monotonic() + patience
    while not _lock(connection, SQL(", ").join([SQL("ONLY {}").format(Identifier(_PARENT)), *also])):
        if time.monotonic() > deadline:
            raise RunError(_holders(connection, patience, also))
        time.sleep(_PAUSE_SECONDS)


def _lock(connection: Connection[Any], tables: Composed) -> bool:
    try:
        with connection.transaction():
            # Longer than the second after which Postgres asks an autovacuum to make way.
            connection.execute("SET LOCAL lock_timeout = '1500ms'")
            connection.execute(SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(tables))
    except (LockNotAvailable, DeadlockDetected):
        return False
    connection.execute("SET LOCAL lock_timeout TO DEFAULT")
    return True


def _holders(connection: Connection[Any], patience: float, also: Sequence[Identifier] = ()) -> str:
    tables = [table.as_string() for table in (Identifier(_PARENT), *also)]
    rows = connection.execute(query("postgres/table_lock_holders"), {"tables": tables}).fetchall()
    holders = ", ".join(f"{pid} ({name})" for pid, name in rows)
    wanted = " or ".join(tables).replace('"', "")
    return (
        f"{wanted} was in use for longer than {patience:g} s by Postgres process {holders}; "
        "end that program, or its transaction, and run again: nothing was published"
    )


def _renaming(build: str, partition: str) -> Iterator[Composed]:
    yield SQL("ALTER TABLE {} RENAME TO {}").format(Identifier(build), Identifier(partition))
    for name in _index_names():
        old, new = _own_name(build, name), _own_name(partition, name)
        yield SQL("ALTER INDEX {} RENAME TO {}").format(Identifier(old), Identifier(new))


def _index_names() -> Iterator[str]:
    yield str(table(_PARENT).primary_key.name)
    yield from (str(index.name) for index in table(_PARENT).indexes)


def _own_name(owner: str, name: str) -> str:
    return owner + name.removeprefix(_PARENT)
