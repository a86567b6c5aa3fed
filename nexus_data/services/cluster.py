"""A Postgres data folder: made in one piece, checked for its version, configured. Starting it is postgres_server's."""

import os
import re
import secrets
from pathlib import Path

from nexus_data.durable import sync
from nexus_data.errors import ServiceError
from nexus_data.services.account import Account
from nexus_data.services.layout import Layout

_BUILTIN_LOCALE_SINCE = 17
_ASYNCHRONOUS_READS_SINCE = 18
_SMALL_SHARED_MEMORY = 512 * 1024**2
_EXTENSION = "pg_stat_statements"

# A commit may touch every month there is: some 8 locks each, where 64 x 60 would be enough for 40 years.
# The wheel compresses WAL by pglz alone, some 40 microseconds a page; rows that join a large month touch a page each.
# fsync, full_page_writes and synchronous_commit stay on: the ledger is evidence, and must outlive any kill.
_CONFIGURATION = """\
listen_addresses = ''
port = 5432
unix_socket_directories = '{run}'
unix_socket_permissions = 0700
max_connections = 60
max_locks_per_transaction = 1024
shared_buffers = 256MB
maintenance_work_mem = 256MB
fsync = on
full_page_writes = on
synchronous_commit = on
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
wal_compression = off
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
lc_messages = 'C'
dynamic_shared_memory_type = {shared_memory}
shared_preload_libraries = '{preload}'
"""


def check_account(account: Account) -> None:
    """Raise ServiceError for a user id without a name: neither initdb nor peer authentication knows it."""
    if account.name is None:
        raise ServiceError(
            f"user id {account.uid} has no entry in the passwd database, and Postgres refuses to run without: add one, "
            "or set NEXUS_POSTGRES_URL to a server of your own"
        )


def make(layout: Layout, programs: Path) -> None:
    """Make the data folder with database nexus unless it is there; half-made ones of killed processes are removed."""
    if (layout.data / "PG_VERSION").exists():
        return
    layout.account.remove(list(layout.servers.glob("postgres.new-*")))
    fresh = layout.servers / f"postgres.new-{secrets.token_hex(8)}"
    _command(layout, _initdb(programs, fresh, major=_major(layout, programs)))
    configure(layout, programs, data=fresh)
    layout.account.write(fresh / "postgresql.conf", "include = 'nexus.conf'\n")
    _create_database(layout, programs, fresh)
    fresh.rename(layout.data)
    # A rename lost by a power cut would leave a database with data under a name that the next start removes.
    sync(layout.servers)


def check_version(layout: Layout, programs: Path) -> None:
    """Raise ServiceError when another major version made the data folder."""
    made_by = (layout.data / "PG_VERSION").read_text().strip()
    if made_by != str(have := _major(layout, programs)):
        raise ServiceError(
            f"{layout.data} was made by Postgres {made_by}, and {programs} is Postgres {have}: set NEXUS_POSTGRES_BIN "
            f"to the programs of a Postgres {made_by}, or bring the folder to version {have} with pg_upgrade"
        )


def configure(layout: Layout, programs: Path, *, data: Path | None = None) -> None:
    """Write settings and access rules; done at each start, since paths, users and programs may have changed."""
    data = data or layout.data
    configuration = _CONFIGURATION.format(
        run=layout.run,
        shared_memory="mmap" if _scarce_shared_memory() else "posix",
        preload=_EXTENSION if _has_extension(programs) else "",
    )
    if int((data / "PG_VERSION").read_text()) >= _ASYNCHRONOUS_READS_SINCE:
        # What is read was written moments ago: handing it from process to process costs a quarter of a scan's CPU.
        configuration += "io_method = sync\n"
    layout.account.write(data / "nexus.conf", configuration)
    layout.account.write(data / "pg_hba.conf", "local all nexus peer map=nexus\n")
    layout.account.write(data / "pg_ident.conf", f'nexus "{layout.account.name}" nexus\nnexus root nexus\n')


def _initdb(programs: Path, data: Path, *, major: int) -> list[str | Path]:
    # The path is relative to the working directory: initdb hands it to a shell.
    common: list[str | Path] = [programs / "initdb", "-D", data.name, "--username=nexus", "--encoding=UTF8"]
    return [*common, *_locale(major), "--data-checksums", "--auth=reject", "--no-instructions"]


def _locale(major: int) -> list[str]:
    if major >= _BUILTIN_LOCALE_SINCE:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C"]


def _create_database(layout: Layout, programs: Path, data: Path) -> None:
    # In template1, so that every database made later has it, too.
    extension = f"CREATE EXTENSION {_EXTENSION};\n" if _has_extension(programs) else ""
    _command(
        layout,
        [programs / "postgres", "--single", "-D", data.name, "template1"],
        text=f"{extension}CREATE DATABASE nexus;\n",
    )


def _command(layout: Layout, arguments: list[str | Path], *, text: str = "") -> None:
    ended = layout.account.run(arguments, cwd=layout.servers, text=text, timeout=600)
    # A single-user server ends with status 0 after a failed statement.
    if ended.returncode != 0 or re.search(r"\b(ERROR|FATAL|PANIC):", ended.stderr):
        raise ServiceError(
            f"{arguments[0]} failed: {ended.stderr.strip()[-1000:]}; make room under {layout.servers}, or set "
            "NEXUS_POSTGRES_URL to a server of your own"
        )


def _major(layout: Layout, programs: Path) -> int:
    told = layout.account.run([programs / "postgres", "--version"], cwd=Path("/"))
    found = re.search(r"\(PostgreSQL\) (\d+)", told.stdout)
    if not found:
        raise ServiceError(f"{programs / 'postgres'} does not work: {(told.stderr or told.stdout).strip()}")
    return int(found[1])


def _has_extension(programs: Path) -> bool:
    # Debian keeps the files of version N in /usr/share/postgresql/N and its programs in /usr/lib/postgresql/N/bin.
    shares = (
        programs.parent / "share",
        programs.parent / "share" / "postgresql",
        Path("/usr/share/postgresql") / programs.parent.name,
    )
    return any((share / "extension" / f"{_EXTENSION}.control").exists() for share in shares)


def _scarce_shared_memory() -> bool:
    try:
        found = os.statvfs("/dev/shm")  # noqa: S108 - only measured
    except OSError:
        return False
    return found.f_bavail * found.f_frsize < _SMALL_SHARED_MEMORY
