"""Stops the servers when nobody holds the lease any more. Runs as a script of its own, on the standard library alone.

It must outlive its starter, cost little memory and work without site-packages, so it imports nothing of this package.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

LINGER = 10.0
_PAUSE = 0.25
_PATIENCE = 60.0


def processes(mark: str, *, uid: int) -> dict[int, str]:
    """Live processes of this uid whose command line holds the mark: pid to command line. Zombies have none."""
    listed = _from_proc(uid) if Path("/proc/self/cmdline").exists() else _from_ps(uid)
    return {pid: line for pid, line in listed.items() if line and mark in line and pid != os.getpid()}


def _from_proc(uid: int) -> dict[int, str]:
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208 - a Path for each process is waste
        try:
            if os.stat(f"/proc/{name}").st_uid == uid:  # noqa: PTH116
                found[int(name)] = (
                    Path(f"/proc/{name}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                )
        except OSError:
            continue
    return found


def _from_ps(uid: int) -> dict[int, str]:
    # macOS shows nobody's id as -2 where others say 4294967294.
    listing = subprocess.run(
        ["/bin/ps", "-axww", "-o", "pid=,uid=,command="], capture_output=True, text=True, errors="replace", check=True
    )
    rows = (line.split(None, 2) for line in listing.stdout.splitlines())
    return {int(row[0]): row[2] for row in rows if len(row) == 3 and (int(row[1]) - uid) % 2**32 == 0}


def signal_all(pids: list[int], number: signal.Signals) -> None:
    """Send a signal to each process; one that is gone already does not matter."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def postmasters(marked: dict[int, str]) -> list[int]:
    """Of Postgres's processes, those that are no child of the server (children rename themselves `postgres: ...`)."""
    return [pid for pid, line in marked.items() if not line.startswith("postgres:")]


def stop(marker: str, *, uid: int) -> None:
    """Stop both servers in good order, and if that takes long, at once."""
    marked = processes(f"{marker}-postgres", uid=uid)
    signal_all(postmasters(marked), signal.SIGINT)
    signal_all(list(processes(f"{marker}-valkey", uid=uid)), signal.SIGTERM)
    if not gone(f"{marker}-", uid=uid, patience=_PATIENCE):
        end(f"{marker}-", uid=uid)


def end(mark: str, *, uid: int) -> None:
    """End all marked processes at once (Postgres will recover from its log), by force where they do not listen."""
    for number in (signal.SIGQUIT, signal.SIGKILL):
        signal_all(list(processes(mark, uid=uid)), number)
        if gone(mark, uid=uid, patience=_PATIENCE / 6):
            return


def gone(mark: str, *, uid: int, patience: float) -> bool:
    """Wait up to `patience` seconds for the end of all marked processes; whether they ended."""
    deadline = time.monotonic() + patience
    while processes(mark, uid=uid):
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE / 5)
    return True


class _Watch:
    """The waiting: `hurried` is set by SIGTERM, which asks not to linger (a system that shuts down asks so, too)."""

    def __init__(self, lease: int) -> None:
        self.lease = lease
        self.hurried = False

    def hurry(self, _number: int, _frame: FrameType | None) -> None:
        self.hurried = True

    def until_unused(self) -> None:
        """Return with the lease taken for ourselves, after it was free for the linger (nearly) all along."""
        while True:
            fcntl.flock(self.lease, fcntl.LOCK_EX)  # sleeps in the kernel while anyone holds it
            if self._lingered():
                return

    def _lingered(self) -> bool:
        deadline = time.monotonic() + LINGER
        while not self.hurried and time.monotonic() < deadline:
            fcntl.flock(self.lease, fcntl.LOCK_UN)
            time.sleep(_PAUSE)
            try:
                fcntl.flock(self.lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True


def watch(waiting: _Watch, own_lock: int, marker: str, uid: int) -> None:
    """Wait for the end of the last lease, stop the servers and let go."""
    waiting.until_unused()
    stop(marker, uid=uid)
    # Our own lock first: who then gets a lease must not believe that this process still watches.
    os.close(own_lock)
    os.close(waiting.lease)


def _main(lease: str, own_lock: str, marker: str, uid: str) -> None:
    waiting = _Watch(os.open(lease, os.O_RDWR))
    # Before the fork: as soon as the process id is written, it may be signalled.
    signal.signal(signal.SIGTERM, waiting.hurry)
    if child := os.fork():
        os.pwrite(int(own_lock), str(child).encode(), 0)
        return
    watch(waiting, int(own_lock), marker, int(uid))


if __name__ == "__main__":
    _main(*sys.argv[1:])
