"""Homes with real servers for the tests of the embedded services."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

import nexus_data
from nexus_data.services import running, stop, watchdog
from nexus_data.services.layout import prepare
from nexus_data.settings import Settings

Script = Callable[..., "subprocess.Popen[str]"]
# A directory of tempfile's own choice may be too long for a socket.
TEMPORARY = "/tmp"  # noqa: S108


def _open_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="nx-", dir=TEMPORARY))
    folder.chmod(0o755)
    return folder


def _tear_down(home: Path) -> None:
    """Stop the servers politely; what still runs (a test left a lease or a wound) is killed before the folder goes."""
    if (home / "services").exists() and (home / "services").stat().st_uid == os.geteuid():
        layout = prepare(home)
        stop(Settings(home=home))
        left = watchdog.processes(f"{layout.marker}-", uid=layout.account.uid)
        watchdog.signal_all(list(left), signal.SIGKILL)
    shutil.rmtree(home.parent, ignore_errors=True)


@pytest.fixture(scope="session")
def made_home() -> Iterator[Path]:
    """A home whose servers were made, and stopped again: copying it is quicker than initdb."""
    home = _open_folder() / "home"
    with running(Settings(home=home)):
        pass
    assert stop(Settings(home=home))
    yield home
    _tear_down(home)


@pytest.fixture
def home(made_home: Path) -> Iterator[Path]:
    """A home of this test alone, its servers made but down."""
    copy = _open_folder() / "home"
    subprocess.run(["cp", "-a", made_home, copy], check=True)
    yield copy
    _tear_down(copy)


@pytest.fixture
def bare_home() -> Iterator[Path]:
    """A home that does not exist yet, in a folder that every user may enter."""
    folder = _open_folder()
    yield folder / "home"
    _tear_down(folder / "home")


@pytest.fixture(scope="module")
def shared(made_home: Path) -> Iterator[Settings]:
    """One home for the tests of a module that only look at running servers."""
    copy = _open_folder() / "home"
    subprocess.run(["cp", "-a", made_home, copy], check=True)
    with running(Settings(home=copy)):
        yield Settings(home=copy)
    _tear_down(copy)


@pytest.fixture
def script() -> Iterator[Script]:
    """Start a Python program in a process of its own; `user` (a uid) needs root. Left-overs are killed."""
    started: list[subprocess.Popen[str]] = []

    def start(
        code: str, *arguments: object, user: int | None = None, environ: dict[str, str] | None = None
    ) -> "subprocess.Popen[str]":
        child = subprocess.Popen(
            [_interpreter(user), "-c", textwrap.dedent(code), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            env={**os.environ, "PYTHONPATH": os.pathsep.join(_search_path()), **(environ or {})},
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
        started.append(child)
        return child

    yield start
    for child in started:
        with suppress(ProcessLookupError):
            child.kill()
        child.communicate()


def _search_path() -> Sequence[str]:
    return [str(Path(nexus_data.__file__).parents[1]), *(path for path in sys.path if path.endswith("site-packages"))]


def _interpreter(user: int | None) -> str:
    """This Python, or for another user one of the same version that this user may execute."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/{name}", f"/usr/local/bin/{name}"):
        tried = [candidate, "-c", "import sys, fcntl"]
        with suppress(OSError):
            if (
                user is None
                or subprocess.run(tried, user=user, cwd="/", check=False, capture_output=True).returncode == 0
            ):
                return candidate
    pytest.skip(f"user id {user} may execute no {name} here")
