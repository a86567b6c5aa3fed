"""Connections to Postgres, and what to tell a person when there is none.

Every spelling of the URL goes through libpq's own reader, so that both kinds of connection mean the same server.
Nothing here knows a table.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow
from sqlalchemy.engine.interfaces import Dialect, ExceptionContext

from nexus_data.errors import ServiceError, SettingError

_SCHEME = re.compile(r"(?:postgres|postgresql)(?:\+\w+)?://", re.IGNORECASE)
_CONNECT_SECONDS = 10

# What an administrator has set for a role or a database is meant for people's sessions. Limits of time would end every
# long run at the same step; those that the URL's own options name stand.
_UNLESS_GIVEN = (
    "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0 -c idle_session_timeout=0"
)
# Of another isolation, a statement would keep the snapshot from before it waited for a publish.
_ALWAYS = r"-c TimeZone=UTC -c DateStyle=ISO,MDY -c search_path=public -c default_transaction_isolation=read\ committed"

# libpq hands a refused login on as text alone, without an SQLSTATE.
_REFUSALS = (
    (r"password authentication failed|no password supplied", "correct the user or the password in it"),
    (r"database .* does not exist", "create that database (createdb) or name another one in it"),
    (r"role .* does not exist", "create that user (createuser) or name another one in it"),
    (r"permission denied for database", "let that user in (GRANT CONNECT ON DATABASE) or name another one in it"),
    (r"pg_hba\.conf|authentication failed", "let that user in from this machine (the server's pg_hba.conf)"),
    (r"too many (clients|connections)|remaining connection slots", "close other programs or raise max_connections"),
)
_DOWN = "start that server, correct the URL, or unset it to use the embedded server"

_STATES = {
    "42501": "the user lacks a right: grant it, or name another user in it",
    "25P04": "the user's transactions end after transaction_timeout: ALTER ROLE ... SET transaction_timeout = 0",
    "25006": "the server is read-only, a standby perhaps: name the primary in it",
    "53100": "the server's disk is full: free some space and run again",
    "53200": "the server is out of memory",
    "53300": "close other programs or raise max_connections",
}


def engine(url: str) -> sa.Engine:
    """An SQLAlchemy engine on psycopg 3, whatever the spelling of `url`; nothing connects before its first use.

    Raises SettingError at once for a URL that cannot be read; in use, ServiceError like `connection`.
    """
    conninfo = libpq_conninfo(url)
    created = sa.create_engine("postgresql+psycopg://", pool_pre_ping=True)

    @sa.event.listens_for(created, "do_connect")
    def _connect(_dialect: Dialect, _record: Any, _args: Any, options: dict[str, Any]) -> psycopg.Connection[TupleRow]:
        return _open(conninfo, **options)

    @sa.event.listens_for(created, "handle_error")
    def _explain(context: ExceptionContext) -> ServiceError | None:
        error = context.original_exception
        if context.is_pre_ping or not isinstance(error, psycopg.Error):
            return None
        return _explained(error, conninfo, broken=context.is_disconnect)

    return created


@contextmanager
def connection(url: str) -> Iterator[psycopg.Connection[TupleRow]]:
    """A connection for the time of the context: committed at its end, rolled back when the body raises, then closed.

    Whatever is set for role or database, the session's time zone is UTC, its isolation READ COMMITTED, and no limit of
    time ends it. Raises SettingError for a URL that cannot be read, and ServiceError when the server
    is down or goes away, refuses the login, does not have the database, lacks a right or its disk is full; the message
    names NEXUS_POSTGRES_URL, host and database, never the password. Other errors of Postgres pass unchanged.
    """
    conninfo = libpq_conninfo(url)
    opened = _open(conninfo)
    try:
        with opened:
            yield opened
    except psycopg.Error as error:
        if explained := _explained(error, conninfo, broken=opened.broken):
            raise explained from error
        raise


def _open(conninfo: str, **options: Any) -> psycopg.Connection[TupleRow]:
    try:
        return psycopg.connect(conninfo, **options)
    except psycopg.OperationalError as error:
        text = " ".join(str(error).split())
        advice = next((advice for pattern, advice in _REFUSALS if re.search(pattern, text)), _DOWN)
        raise _service_error(conninfo, text, advice) from error


def _explained(error: psycopg.Error, conninfo: str, *, broken: bool) -> ServiceError | None:
    text = " ".join(str(error).split())
    if advice := _STATES.get(error.sqlstate or ""):
        return _service_error(conninfo, text, advice)
    if broken:
        return _service_error(conninfo, text, "the server went away: see that it runs, then run again")
    return None


def _service_error(conninfo: str, text: str, advice: str) -> ServiceError:
    return ServiceError(f"Postgres, {_target(conninfo)} (NEXUS_POSTGRES_URL): {text}; {advice}")


def _target(conninfo: str) -> str:
    """Database, host and port as libpq would take them, environment and defaults included."""
    given = conninfo_to_dict(conninfo)
    defaults = {o.keyword.decode(): (o.val or b"").decode() for o in pq.Conninfo.get_defaults()}
    host, port, user = (given.get(k) or defaults.get(k) or "" for k in ("host", "port", "user"))
    database = given.get("dbname") or defaults.get("dbname") or user
    return f"database {database} at {host or given.get('hostaddr') or 'the local socket'}:{port}"


def libpq_conninfo(url: str) -> str:
    """What libpq connects by, from any spelling of the URL; SettingError for one that cannot be read."""
    scheme = _SCHEME.match(url)
    if not scheme:
        raise SettingError("NEXUS_POSTGRES_URL must begin with postgresql://, as in postgresql://user@host:5432/nexus")
    text = "postgresql://" + url[scheme.end() :]
    try:
        given = conninfo_to_dict(text)
    except psycopg.ProgrammingError:
        raise _unreadable() from None
    _refuse_torn_password(given)
    options = f"{_UNLESS_GIVEN} {given.get('options') or ''} {_ALWAYS}"
    timeout = given.get("connect_timeout") or _CONNECT_SECONDS
    return make_conninfo(text, connect_timeout=timeout, options=options, fallback_application_name="nexus")


def _refuse_torn_password(given: dict[str, Any]) -> None:
    """A bare @ or / in the password shifts its rest into host, port or database, and so into every error message."""
    port = str(given.get("port") or "")
    names = f"{given.get('host') or ''}{given.get('dbname') or ''}"
    if "@" in names or not re.fullmatch(r"[\d,]*", port):
        raise _unreadable()


def _unreadable() -> SettingError:
    return SettingError(
        "NEXUS_POSTGRES_URL cannot be read as postgresql://user:password@host:5432/database; "
        "write special characters of the password as %XX (@ is %40, / is %2F, % is %25)"
    )
