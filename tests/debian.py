"""Programs of Debian that tests drive: taken from the PATH, else fetched and unpacked without root, else skipped."""

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

_PACKAGES = {
    "haproxy": ("haproxy", "liblua5.3-0", "libopentracing-c-wrapper0", "libopentracing1"),
    "pgbouncer": ("pgbouncer", "libc-ares2", "libevent-2.1-7"),
    "promtool": ("prometheus",),
}
_VERSION = {"haproxy": "-v"}
_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Program:
    """Where it is, and the environment that it needs to find its libraries."""

    path: str
    environment: dict[str, str]


def program(name: str) -> Program:
    """That program, ready to run; skips the test, saying why, where it cannot be had."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found:
        return Program(found, dict(os.environ))
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        pytest.skip(f"{name} is not on the PATH, and there is no apt-get to fetch it with")
    cache = _cache() / name
    if not (cache / "ready").exists():
        _fetch(name, cache)
    at = next(path for path in (cache / "root").glob(f"usr/*bin/{name}"))
    libraries = ":".join(str(path) for path in (cache / "root" / "usr" / "lib").glob("*-linux-gnu"))
    fetched = Program(str(at), {**os.environ, "LD_LIBRARY_PATH": libraries})
    tried = [fetched.path, _VERSION.get(name, "--version")]
    if subprocess.run(tried, env=fetched.environment, capture_output=True, check=False).returncode != 0:
        pytest.skip(f"{name} as Debian packs it does not run on this system")
    return fetched


def _cache() -> Path:
    """A folder that stays, where there is a home to have it in; else one of the machine's temporary folder."""
    named = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    for folder in (f"{named}/nexus-tests", f"{tempfile.gettempdir()}/nexus-tests-{os.geteuid()}"):
        with suppress(OSError, RuntimeError):
            cache = Path(folder).expanduser()
            cache.mkdir(parents=True, exist_ok=True)
            if os.access(cache, os.W_OK):
                return cache
    pytest.skip("there is no folder to fetch programs into")


def _fetch(name: str, cache: Path) -> None:
    shutil.rmtree(cache, ignore_errors=True)
    (cache / "state" / "lists" / "partial").mkdir(parents=True)
    lists = ["-o", f"Dir::State::Lists={cache / 'state' / 'lists'}"]
    # The system's own lists may be empty (containers), and only root may bring them up to date.
    for before, options in ((None, []), (["apt-get", *lists, "update"], lists)):
        if before and _run(before, cache).returncode != 0:
            break
        if _run(["apt-get", *options, "download", *_PACKAGES[name]], cache).returncode == 0:
            for package in cache.glob("*.deb"):
                _run(["dpkg", "-x", package.name, "root"], cache)
            (cache / "ready").touch()
            return
    pytest.skip(f"{name} is not on the PATH, and apt-get could not fetch it")


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1)
