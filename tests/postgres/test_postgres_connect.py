"""Every way in which Postgres can be out of reach is told in words that name the setting and never the password."""

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import sqlalchemy as sa
from psycopg.sql import SQL, Identifier

from nexus_data.errors import ServiceError, SettingError
from nexus_data.postgres.connect import connection, engine
from nexus_data.services import Services
from tests.postgres.waiting import until

_SPELLED = "s3cret/p@ss%word"
_ENCODED = "s3cret%2Fp%40ss%25word"


@pytest.fixture(scope="module")
def guarded(services: Services) -> Iterator[str]:
    """A URL without its user: the session's server, which asks the role `guarded` for its password."""
    with connection(services.postgres_url) as server:
        row = server.execute("SELECT current_setting('hba_file')").fetchone()
        assert row
        rules = Path(row[0])
    before = rules.read_text()
    rules.write_text(f"local all guarded scram-sha-256\n{before}")
    _administer(services, f"CREATE ROLE guarded LOGIN PASSWORD '{_SPELLED}'")
    _reload(services)
    _administer(services, "CREATE DATABASE closed", "REVOKE CONNECT ON DATABASE closed FROM PUBLIC")
    parts = urlsplit(services.postgres_url)
    yield f"postgresql://{{user}}@/{{database}}?{parts.query}"
    rules.write_text(before)
    _administer(services, "DROP DATABASE closed", "DROP ROLE guarded")
    _reload(services)


def _administer(services: Services, *statements: str) -> None:
    with connection(services.postgres_url) as server:
        server.autocommit = True
        for statement in statements:
            server.execute(statement.encode())


def _reload(services: Services) -> None:
    """Until the server goes by the new rules; it is told of them, and reads them some time later."""

    def loaded() -> Any:
        with connection(services.postgres_url) as server:
            return server.execute("SELECT pg_conf_load_time()").fetchone()

    before = loaded()
    _administer(services, "SELECT pg_reload_conf()")
    until(lambda: loaded() != before)


def _error(url: str) -> str:
    """The message, which both kinds of connection must give alike."""
    with pytest.raises(ServiceError) as by_psycopg, connection(url):
        pass
    created = engine(url)
    with pytest.raises(ServiceError) as by_sqlalchemy:
        created.connect()
    created.dispose()
    assert str(by_sqlalchemy.value).split(";")[-1] == str(by_psycopg.value).split(";")[-1]
    return str(by_psycopg.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg", "postgresql+psycopg2", "POSTGRES"])
def test_every_spelling_of_the_url_connects(services: Services, scheme: str) -> None:
    url = services.postgres_url.replace("postgresql", scheme, 1)
    with connection(url) as database:
        assert database.execute("SELECT 1").fetchone() == (1,)
    created = engine(url)
    with created.connect() as other:
        assert other.scalar(sa.text("SELECT 1")) == 1
    created.dispose()


def test_a_password_of_special_characters_is_let_in(guarded: str) -> None:
    with connection(guarded.format(user=f"guarded:{_ENCODED}", database="nexus")) as database:
        assert database.execute("SELECT current_user").fetchone() == ("guarded",)


@pytest.mark.parametrize(
    ("user", "database", "words"),
    [
        ("guarded:wrong-pass", "nexus", ["password authentication failed", "correct the user or the password"]),
        ("guarded", "nexus", ["no password supplied", "correct the user or the password"]),
        (f"guarded:{_ENCODED}", "nowhere", ['database "nowhere" does not exist', "createdb"]),
        (f"guarded:{_ENCODED}", "closed", ["permission denied for database", "GRANT CONNECT"]),
        ("stranger", "nexus", ["stranger", "pg_hba.conf"]),
    ],
)
def test_a_refused_login_says_what_to_correct(guarded: str, user: str, database: str, words: list[str]) -> None:
    message = _error(guarded.format(user=user, database=database))
    assert all(word in message for word in [*words, "NEXUS_POSTGRES_URL", f"database {database} at"])
    assert "wrong-pass" not in message
    assert _SPELLED not in message


def test_a_server_that_is_down_is_named() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        message = _error(f"postgresql://me:hidden@127.0.0.1:{port}/nexus")
    assert f"database nexus at 127.0.0.1:{port}" in message
    assert "NEXUS_POSTGRES_URL" in message
    assert "start that server" in message
    assert "hidden" not in message


def test_a_socket_folder_without_a_server_is_named(home: Path) -> None:
    assert f"database nexus at {home}:5432" in _error(f"postgresql://me@:5432/nexus?host={home}")


def test_something_else_on_the_port_is_no_postgres() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_hang_up, args=(listener,), daemon=True).start()
        message = _error(
            f"postgresql://me@127.0.0.1:{listener.getsockname()[1]}/nexus?sslmode=disable&gssencmode=disable"
        )
    assert "start that server, correct the URL" in message


def _hang_up(listener: socket.socket) -> None:
    for _ in range(2):
        accepted, _address = listener.accept()
        accepted.close()


@pytest.mark.parametrize(
    "url",
    [
        "mysql://me:hidden@localhost/nexus",
        "localhost:5432/nexus",
        "postgresql://me:hidd@en@localhost/nexus",
        "postgresql://me:hid/den@localhost/nexus",
        "postgresql://me:hidden%zz@localhost/nexus",
        "postgresql://me@localhost/nexus?password=hidden&surprise=1",
    ],
)
def test_a_url_that_cannot_be_read_is_a_wrong_setting(url: str) -> None:
    for connect in (engine, lambda u: connection(u).__enter__()):
        with pytest.raises(SettingError, match=r"^NEXUS_POSTGRES_URL ") as caught:
            connect(url)
        assert "hid" not in str(caught.value)
        assert caught.value.__cause__ is None


def test_a_server_that_goes_away_meanwhile_is_told(services: Services) -> None:
    with pytest.raises(ServiceError, match="went away"):
        _lose_a_connection(services.postgres_url)
    created = engine(services.postgres_url)
    with pytest.raises(ServiceError, match="went away"):
        _lose_a_pooled_connection(created, services.postgres_url)
    created.dispose()


def _lose_a_connection(url: str) -> None:
    with connection(url) as database:
        _end(url, database.info.backend_pid)
        database.execute("SELECT 1")


def _lose_a_pooled_connection(pool: sa.Engine, url: str) -> None:
    with pool.connect() as database:
        _end(url, database.scalar(sa.text("SELECT pg_backend_pid()")))
        database.execute(sa.text("SELECT 1"))


def _end(url: str, pid: int | None) -> None:
    with connection(url) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (pid,))


def test_the_pool_replaces_a_connection_that_died_idle(services: Services) -> None:
    created = engine(services.postgres_url)
    with created.connect() as pooled:
        pid = pooled.scalar(sa.text("SELECT pg_backend_pid()"))
    _end(services.postgres_url, pid)
    with created.connect() as pooled:
        assert pooled.scalar(sa.text("SELECT pg_backend_pid()")) != pid
    created.dispose()


def test_a_missing_right_is_told(guarded: str) -> None:
    url = guarded.format(user=f"guarded:{_ENCODED}", database="nexus")
    with pytest.raises(ServiceError, match=r"permission denied for schema public.*lacks a right"):
        _execute(url, "CREATE TABLE public.mine (id bigint)")


def test_other_errors_pass_and_roll_back(database_url: str) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        _execute(database_url, "CREATE TABLE half (id bigint)", "SELECT 1 / 0")
    with connection(database_url) as database:
        assert database.execute("SELECT to_regclass('half')").fetchone() == (None,)


def _execute(url: str, *statements: str) -> None:
    with connection(url) as database:
        for statement in statements:
            database.execute(statement.encode())


def test_a_body_without_an_error_is_committed(database_url: str) -> None:
    with connection(database_url) as database:
        database.execute("CREATE TABLE whole (id bigint)")
    with connection(database_url) as database:
        assert database.execute("SELECT to_regclass('whole')::text").fetchone() == ("whole",)


_SET = {
    "timezone": "Asia/Tokyo",
    "datestyle": "German, DMY",
    "search_path": "marts",
    "default_transaction_isolation": "repeatable read",
    "statement_timeout": "10min",
    "lock_timeout": "10min",
    "idle_in_transaction_session_timeout": "10min",
    "idle_session_timeout": "10min",
}


def test_sessions_are_the_same_whatever_an_administrator_has_set(database_url: str) -> None:
    shown = SQL(", ").join(SQL("current_setting({})").format(name) for name in _SET)
    with connection(database_url) as database:
        name = Identifier(database.info.dbname)
        for setting, value in _SET.items():
            database.execute(SQL("ALTER DATABASE {} SET {} = {}").format(name, Identifier(setting), value))
    expected = ("UTC", "ISO, MDY", "public", "read committed", "0", "0", "0", "0")
    with connection(database_url) as database:
        assert database.execute(SQL("SELECT {}").format(shown)).fetchone() == expected
        assert database.execute("SELECT '2024-03-01 00:00Z'::timestamptz").fetchone() == (
            datetime(2024, 3, 1, tzinfo=UTC),
        )


def test_limits_of_time_in_the_url_stand(database_url: str) -> None:
    limit = f"{database_url}&options=-c%20statement_timeout%3D7s%20-c%20DateStyle%3DGerman"
    with connection(limit) as database:
        said = "SELECT current_setting('statement_timeout'), current_setting('DateStyle')"
        assert database.execute(said).fetchone() == ("7s", "ISO, MDY")
