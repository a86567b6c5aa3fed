"""The roles of the API: what each may do in a migrated database, and what becomes of a database without them."""

import pytest
from psycopg.errors import InsufficientPrivilege

from nexus_data.postgres.connect import connection
from nexus_data.postgres.metadata import DECLARED
from nexus_data.postgres.migrate import migrate
from nexus_data.postgres.roles import READER, WRITER

_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")


def _rights(url: str, role: str) -> dict[str, set[str]]:
    with connection(url) as database:
        found = database.execute(
            "SELECT t.name, r.name FROM unnest(%s::text[]) AS t (name), unnest(%s::text[]) AS r (name) "
            "WHERE has_table_privilege(%s, t.name, r.name)",
            ([*DECLARED], [*_RIGHTS], role),
        ).fetchall()
    rights: dict[str, set[str]] = {}
    for table, right in found:
        rights.setdefault(table, set()).add(right)
    return rights


def test_the_reader_sees_what_is_published_and_no_secret(database_url: str) -> None:
    secret = {"credentials", "refresh_tokens"}
    assert _rights(database_url, READER) == {name: {"SELECT"} for name in DECLARED if name not in secret}


def test_the_writer_writes_sessions_and_tasks_alone(database_url: str) -> None:
    assert _rights(database_url, WRITER) == {
        "refresh_tokens": {"SELECT", "INSERT", "UPDATE", "DELETE"},
        "background_tasks": {"SELECT", "INSERT", "UPDATE"},
        "credentials": {"SELECT"},
    }


def test_marts_that_come_later_are_the_reader_s_to_read(database_url: str) -> None:
    with connection(database_url) as database:
        database.execute("CREATE TABLE marts.later (id bigint)")
        database.execute(f"SET ROLE {READER}".encode())
        assert database.execute("SELECT count(*) FROM marts.later").fetchone() == (0,)
        with pytest.raises(InsufficientPrivilege):
            database.execute("INSERT INTO marts.later VALUES (1)")
        database.rollback()


def test_rights_that_were_lost_are_granted_again(database_url: str) -> None:
    with connection(database_url) as database:
        database.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {READER}, {WRITER}".encode())
    assert _rights(database_url, READER) == {}
    migrate(database_url)
    assert "users" in _rights(database_url, READER)
