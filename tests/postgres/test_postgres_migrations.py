"""A migrated database is what the declarations say, however many processes bring it there at once."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from nexus_data.errors import ServiceError
from nexus_data.postgres.connect import connection, engine
from nexus_data.postgres.metadata import metadata
from nexus_data.postgres.migrate import VERSION_TABLE, migrate
from tests.postgres.catalog import facts, facts_of
from tests.postgres.waiting import until

FreshDatabase = Callable[..., AbstractContextManager[str]]

_WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = %s::oid"
_OID = "SELECT oid::text FROM pg_database WHERE datname = current_database()"


@pytest.fixture
def bare_url(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database("template0") as url:
        yield url


@pytest.fixture(scope="module")
def declared_url(fresh_database: FreshDatabase) -> Iterator[str]:
    """A database made straight from the declarations, by no migration."""
    with fresh_database("template0") as url:
        created = engine(url)
        metadata().create_all(created)
        created.dispose()
        yield url


def test_the_migrated_database_equals_the_declaration(database_url: str, declared_url: str) -> None:
    assert facts_of(database_url) == facts_of(declared_url)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE users ADD COLUMN nickname text",
        'ALTER TABLE users ALTER COLUMN email TYPE text COLLATE "default"',
        "ALTER TABLE users ALTER COLUMN email SET NOT NULL",
        "ALTER TABLE users ALTER COLUMN status SET DEFAULT 'implied'",
        "ALTER TABLE project_milestones ALTER COLUMN actual_amount TYPE numeric(38, 17)",
        "ALTER TABLE ledger DROP CONSTRAINT ledger_fp_in_check",
        "ALTER TABLE trading_operations DROP CONSTRAINT trading_operations_pkey",
        "DROP INDEX users_lower_email_key",
        "DROP INDEX trading_operations_milestone_id_idx",
        "COMMENT ON COLUMN users.email IS 'Changed'",
        "COMMENT ON TABLE users IS 'Changed'",
        "CREATE TABLE forgotten (id bigint)",
    ],
)
def test_a_declaration_without_its_migration_is_noticed(declared_url: str, change: str) -> None:
    with connection(declared_url) as database:
        before = facts(database)
        database.execute(change.encode())
        assert facts(database) != before
        database.rollback()


def test_alembic_itself_finds_nothing_to_migrate(database_url: str) -> None:
    migrated = engine(database_url)
    with migrated.connect() as database:
        context = MigrationContext.configure(database, opts={"version_table": VERSION_TABLE})
        differences = compare_metadata(context, metadata())
    migrated.dispose()
    assert differences == []


def test_migrating_makes_the_schema_of_the_marts(database_url: str) -> None:
    with connection(database_url) as database:
        assert database.execute("SELECT to_regnamespace('marts')::text").fetchone() == ("marts",)


def test_migrating_again_changes_nothing_and_waits_for_nobody(database_url: str) -> None:
    before = facts_of(database_url)
    with connection(database_url) as other:
        other.execute("LOCK TABLE users, nexus_alembic_version IN SHARE MODE")
        migrate(database_url)
    assert facts_of(database_url) == before


def test_processes_at_once_all_succeed(bare_url: str, database_url: str) -> None:
    code = "import sys; from nexus_data.postgres.migrate import migrate; migrate(sys.argv[1])"
    started = [subprocess.Popen([sys.executable, "-c", code, bare_url]) for _ in range(2)]
    assert [process.wait(timeout=300) for process in started] == [0, 0]
    assert facts_of(bare_url) == facts_of(database_url)


def test_a_second_process_waits_for_the_first(bare_url: str, database_url: str) -> None:
    with connection(bare_url) as first:
        oid = first.execute(_OID).fetchone()
        first.execute("SELECT pg_advisory_xact_lock(x'6E6578756D'::bigint)")
        second = threading.Thread(target=migrate, args=(bare_url,))
        second.start()
        until(lambda: first.execute(_WAITING, oid).fetchone() == (1,))
        assert first.execute("SELECT to_regclass('users')").fetchone() == (None,)
    second.join(timeout=180)
    assert facts_of(bare_url) == facts_of(database_url)


def test_a_user_without_the_right_to_create_leaves_the_database_bare(bare_url: str) -> None:
    with connection(bare_url) as database:
        database.execute("ALTER DATABASE " + _name(bare_url) + " SET default_transaction_read_only = on")
    with pytest.raises(ServiceError, match=r"NEXUS_POSTGRES_URL.*read-only"):
        migrate(bare_url)
    assert facts_of(bare_url) == set()


def test_a_database_of_a_newer_release_is_left_alone(database_url: str) -> None:
    before = facts_of(database_url)
    with connection(database_url) as database:
        database.execute("UPDATE nexus_alembic_version SET version_num = '9999'")
    with pytest.raises(ServiceError, match="revision 9999, which this release does not know"):
        migrate(database_url)
    assert facts_of(database_url) == before


def test_a_database_that_cannot_hold_every_name_is_refused(fresh_database: FreshDatabase) -> None:
    latin = "ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'"
    with fresh_database("template0", latin) as url, pytest.raises(ServiceError, match=r"encoding LATIN1.*UTF8"):
        migrate(url)


def test_no_declared_name_is_cut_short_by_postgres() -> None:
    names = [str(part.name) for table in metadata().tables.values() for part in (*table.indexes, *table.constraints)]
    assert all(len(name) <= 63 for name in names)
    assert len(names) == len(set(names))


def _name(url: str) -> str:
    return str(sa.make_url(url).database)
