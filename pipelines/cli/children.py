"""Child processes that live as long as their parent says: started, watched and stopped together."""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TextIO

from nexus_data.errors import ServiceError

_PATIENCE_SECONDS = 15.0
_POLL_SECONDS = 0.3
_LAST_LINES = 15


@dataclass(frozen=True, slots=True)
class Child:
    """A running program; what it says goes to its log file."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path


@contextmanager
def children(commands: Mapping[str, Sequence[str]], *, env: Mapping[str, str], logs: Path) -> Iterator[list[Child]]:
    """Start the commands by name; however the context ends, all of them end, and what they started in turn.

    Raises ServiceError while an earlier set of children with these logs still lives.
    """
    logs.mkdir(parents=True, exist_ok=True)
    started: list[Child] = []
    with (logs / "children.lock").open("a+") as lock:
        _take(lock)
        try:
            for name, command in commands.items():
                started.append(_start(name, command, env, logs / f"{name}.log", lock.fileno()))
            _write_down(lock, started)
            yield started
        finally:
            _stop(started)


def _take(lock: TextIO) -> None:
    try:
        fcntl.flock(lock.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise ServiceError(f"these programs run already for this home: {lock.read()}; stop them first") from None


def _write_down(lock: TextIO, started: Sequence[Child]) -> None:
    lock.truncate(0)
    lock.write(", ".join(f"{child.name} (process {child.process.pid})" for child in started))
    lock.flush()


def demand_alive(running: Sequence[Child]) -> None:
    """Raise ServiceError, with the end of its log, for the first child that has ended."""
    for child in running:
        status = child.process.poll()
        if status is not None:
            raise ServiceError(
                f"{child.name} ended by itself (status {status}); {child.log} ends with:\n{_tail(child)}"
            )


def wait_until_served(running: Sequence[Child], *, host: str, port: int, path: str, timeout: float) -> None:
    """Return once GET answers 200; ServiceError when a child dies before, or nothing answers in time."""
    deadline = time.monotonic() + timeout
    while not _answers(host, port, path):
        demand_alive(running)
        if time.monotonic() > deadline:
            raise ServiceError(
                f"http://{host}:{port}{path} does not answer after {timeout:g} s; see {running[0].log.parent}"
            )
        time.sleep(_POLL_SECONDS)


def watch(running: Sequence[Child]) -> None:
    """Return never: raise ServiceError when a child ends by itself."""
    while True:
        demand_alive(running)
        time.sleep(_POLL_SECONDS)


def _start(name: str, command: Sequence[str], env: Mapping[str, str], log: Path, lock: int) -> Child:
    with log.open("wb") as sink:
        # A session of its own: Ctrl-C reaches the parent alone, which then stops the children in order.
        # The lock stays taken for as long as one of them lives, also when the parent was killed.
        process = subprocess.Popen(  # noqa: S603 (our own programs, no shell)
            command,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
            pass_fds=(lock,),
        )
    return Child(name, process, log)


def _stop(started: Sequence[Child]) -> None:
    for child in started:
        _signal(child, signal.SIGTERM)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    for child in started:
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
        # Also what the child left behind in its session.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()


def _signal(child: Child, number: signal.Signals) -> None:
    if child.process.poll() is None:
        child.process.send_signal(number)


def _tail(child: Child) -> str:
    lines = child.log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-_LAST_LINES:])


def _answers(host: str, port: int, path: str) -> bool:
    connection = HTTPConnection(host, port, timeout=2.0)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
