"""File locks that end with their holder, also by kill -9: the lease on the servers, the start lock, the watchdog."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nexus_data.errors import ServiceError
from nexus_data.services import watchdog

_PAUSE = 0.05


@contextmanager
def locked(path: Path, *, exclusive: bool, timeout: float) -> Iterator[None]:
    """Hold a lock on the file; ServiceError when others hold it for longer than `timeout` seconds."""
    descriptor = _open(path)
    try:
        deadline = time.monotonic() + timeout
        while not _taken(descriptor, exclusive=exclusive):
            if time.monotonic() > deadline:
                raise ServiceError(
                    f"another process held {path} for more than {timeout:g} seconds: it starts or stops the servers; "
                    "look for a nexus process that hangs, and end it"
                )
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(descriptor)


def in_use(path: Path) -> bool:
    """Whether any process holds a shared lock on the file."""
    descriptor = _open(path)
    try:
        return not _taken(descriptor, exclusive=True) and _taken(descriptor, exclusive=False)
    finally:
        os.close(descriptor)


def ensure_watchdog(folder: Path, *, marker: str, uid: int) -> None:
    """Have a process that stops the servers after the last lease; `marker` and `uid` tell them from other processes."""
    descriptor = _open(folder / "watchdog")
    try:
        if _taken(descriptor, exclusive=True):
            # The process id of a dead one must not be read as that of the one to come.
            os.ftruncate(descriptor, 0)
            _spawn(folder / "lease", descriptor, marker=marker, uid=uid)
    finally:
        os.close(descriptor)


def hurry_watchdog(folder: Path) -> bool:
    """Ask the watchdog not to linger; False when there is none."""
    descriptor = _open(folder / "watchdog")
    try:
        if _taken(descriptor, exclusive=True):
            return False
        # Nothing written yet: it is being started, and the caller asks again.
        if written := os.pread(descriptor, 20, 0):
            watchdog.signal_all([int(written)], signal.SIGTERM)
        return True
    finally:
        os.close(descriptor)


def _spawn(lease: Path, descriptor: int, *, marker: str, uid: int) -> None:
    # The process that we start forks the watchdog and ends, so that no long-lived caller is left with a child.
    command = [sys.executable, "-I", "-S", watchdog.__file__, str(lease), str(descriptor), marker, str(uid)]
    try:
        subprocess.run(  # noqa: S603 - the arguments are ours
            command,
            pass_fds=(descriptor,),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            check=True,
            timeout=60,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ServiceError(
            f"cannot start the process that later stops the servers ({error}): set NEXUS_POSTGRES_URL and "
            "NEXUS_REDIS_URL to servers of your own"
        ) from error


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise ServiceError(f"cannot open {path}: {error.strerror}; choose a NEXUS_HOME that you may write") from error


def _taken(descriptor: int, *, exclusive: bool) -> bool:
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
