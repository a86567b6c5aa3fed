"""The pool of Postgres connections of one API process: what each must be set to, and how long its statements take.

Behind pgbouncer in transaction mode no connection has a session of its own: it refuses or drops the options that libpq
would send, and knows no statement that was prepared in another transaction. So the options must be those of the role
there; whether they hold is asked on each new connection, and one on which they do not is not used.
"""

import logging
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import psycopg
from psycopg import AsyncConnection, AsyncCursor, AsyncRawCursor, sql
from psycopg.abc import Params
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from nexus_data.postgres.connect import libpq_conninfo
from nexus_data.postgres.roles import READER
from nexus_data.sql import OTHER, name_of, numbered, query
from nexus_data.watching import SLOW_QUERY_SECONDS

log = logging.getLogger(__name__)

Pool = AsyncConnectionPool[AsyncConnection[TupleRow]]
Asked = Callable[[str, float], None]

_WAIT_SECONDS = 3.0
# One plan for one user's rows: compiling it would cost more than running it.
_OPTIONS = "-c default_transaction_read_only=on -c statement_timeout=10s -c jit=off"
_DEMANDED = {
    "default_transaction_read_only": ("on",),
    "default_transaction_isolation": ("read committed",),
    "TimeZone": ("UTC", "Etc/UTC"),
    "DateStyle": ("ISO, MDY", "ISO, DMY", "ISO, YMD"),
}
_HOW = "ALTER ROLE ... SET: see deploy/pgbouncer/role.sql"


def pool(
    url: str, *, size: int, asked: Asked, name: str = "primary", role: str = READER, looked_at: bool = True
) -> Pool:
    """A pool that is not open yet, of at most `size` read-only connections that commit by themselves.

    role: taken on by each, where the user of the URL may; asked: told the name of each statement and its seconds.
    looked_at: whether a connection is tried before each use, so that one that died is not used.
    SettingError for a URL that cannot be read.
    """
    given = libpq_conninfo(url)
    options = f"{conninfo_to_dict(given)['options']} {_OPTIONS}"
    return AsyncConnectionPool(
        make_conninfo(given, options=options),
        connection_class=_timed(asked),
        name=name,
        min_size=1,
        max_size=size,
        timeout=_WAIT_SECONDS,
        open=False,
        check=AsyncConnectionPool.check_connection if looked_at else None,
        configure=partial(_configure, role),
        kwargs={"autocommit": True, "application_name": "nexus-api"},
    )


def _timed(asked: Asked) -> type[AsyncConnection[TupleRow]]:
    class Timed(AsyncConnection[TupleRow]):
        """Tells how long each statement takes; connects without options where they are refused."""

        @classmethod
        async def connect(cls, conninfo: str = "", **given: Any) -> "Timed":
            try:
                return await super().connect(conninfo, **given)
            except psycopg.OperationalError as error:
                if "startup parameter" not in str(error):
                    raise
            # Empty and not absent: else libpq would take them from the environment.
            return await super().connect(make_conninfo(conninfo, options=""), **given)

        async def execute(
            self, query: Any, params: Params | None = None, *, prepare: bool | None = None, binary: bool = False
        ) -> AsyncCursor[TupleRow]:
            started, name = time.perf_counter(), name_of(query)
            try:
                if name == OTHER or binary or not isinstance(params, Mapping):
                    return await super().execute(query, params, prepare=prepare, binary=binary)
                text, names = numbered(query)
                cursor = AsyncRawCursor(self, row_factory=self.row_factory)
                return await cursor.execute(text, [params[one] for one in names], prepare=prepare)
            finally:
                _tell(asked, name, time.perf_counter() - started)

    return Timed


def _tell(asked: Asked, name: str, seconds: float) -> None:
    asked(name, seconds)
    if seconds >= SLOW_QUERY_SECONDS:
        log.warning("slow: the statement %s took %.2f s", name, seconds)


async def _configure(role: str, database: AsyncConnection[TupleRow]) -> None:
    """Look whether the connection is as it must be and take the role on; without a session of its own, neither prepare
    nor take on anything: its login is the role there."""
    rows = await (await database.execute(query("api/session_settings"))).fetchall()
    found = {name: (setting, source) for name, setting, source in rows}
    for name, allowed in _DEMANDED.items():
        if found[name][0] not in allowed:
            is_set = found[name][0]
            raise psycopg.OperationalError(f"{name} is {is_set} for the API's role, it must be {allowed[0]} ({_HOW})")
    if found["statement_timeout"][0] == "0":
        raise psycopg.OperationalError(f"statement_timeout is off for the API's role, it must be set ({_HOW})")
    if any(source != "client" for _, source in found.values()):
        database.prepare_threshold = None
    else:
        await _take_on(role, database)


async def _take_on(role: str, database: AsyncConnection[TupleRow]) -> None:
    try:
        await database.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
    except (psycopg.errors.InvalidParameterValue, psycopg.errors.InsufficientPrivilege) as error:
        log.warning("connections of the API keep the rights of their user, for they cannot be %s: %s", role, error)
