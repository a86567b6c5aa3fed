"""What processes cost: CPU seconds of ours and of the servers, and peaks of memory. What is run is not known here."""

import os
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
import psycopg
import redis

from nexus_data.services import Services

_SAMPLE_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Clock:
    """A moment: wall seconds, and CPU seconds used so far by this process tree and by each server (None: not here)."""

    wall: float
    client: float
    postgres: float | None
    valkey: float | None


@dataclass(frozen=True, slots=True)
class Cost:
    """What a stage cost, in seconds; CPU of servers on another machine cannot be seen and is None.

    peak_client: bytes, the largest sample of the memory of this process tree in the stage; None: nobody watched.
    """

    stage: str
    seconds: float
    client_cpu: float
    postgres_cpu: float | None
    valkey_cpu: float | None
    peak_client: int | None = None

    @property
    def cpu(self) -> float:
        """All that could be seen."""
        return self.client_cpu + (self.postgres_cpu or 0.0) + (self.valkey_cpu or 0.0)


@dataclass(frozen=True, slots=True)
class Servers:
    """The servers' main processes, where they run on this machine."""

    postgres: psutil.Process | None
    valkey: psutil.Process | None

    @classmethod
    def of(cls, services: Services) -> "Servers":
        """Ask both servers for their process ids."""
        with psycopg.connect(services.postgres_url) as database:
            backend = _process(database.info.backend_pid, "postgres")
            postmaster = backend.parent() if backend else None
        with redis.Redis.from_url(services.redis_url) as cache:
            found = _process(int(cache.info("server")["process_id"]), "")
        return cls(postgres=postmaster, valkey=found)

    def now(self) -> Clock:
        """The clocks at this moment."""
        client = resource.getrusage(resource.RUSAGE_SELF)
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return Clock(
            wall=time.monotonic(),
            client=client.ru_utime + client.ru_stime + children.ru_utime + children.ru_stime,
            postgres=tree_cpu(self.postgres),
            valkey=tree_cpu(self.valkey),
        )

    def cost(self, stage: str, since: Clock) -> Cost:
        """What has been used since that moment."""
        now = self.now()
        return Cost(
            stage=stage,
            seconds=now.wall - since.wall,
            client_cpu=now.client - since.client,
            postgres_cpu=_less(now.postgres, since.postgres),
            valkey_cpu=_less(now.valkey, since.valkey),
        )


@dataclass(slots=True)
class Peaks:
    """Peaks in bytes: resident memory of this process, proportional memory of Postgres (shared pages counted once).

    client_now: the largest since somebody set it to 0.
    """

    client: int = 0
    client_now: int = 0
    postgres: int = 0


@contextmanager
def watched(servers: Servers) -> Iterator[Peaks]:
    """Watch memory while the block runs; the peaks are final when it has ended."""
    peaks, over = Peaks(), threading.Event()
    watcher = threading.Thread(target=_watch, args=(servers, peaks, over), daemon=True)
    watcher.start()
    try:
        yield peaks
    finally:
        over.set()
        watcher.join()
        # The kernel's own high-water mark misses nothing between two samples; it counts KiB on Linux, bytes on macOS.
        unit = 1 if os.uname().sysname == "Darwin" else 1024
        peaks.client = max(peaks.client, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)


def _watch(servers: Servers, peaks: Peaks, over: threading.Event) -> None:
    me = psutil.Process()
    while not over.wait(_SAMPLE_SECONDS):
        ours = [me, *me.children(recursive=True)]
        sample = sum(_memory(one, shared=False) for one in ours)
        peaks.client, peaks.client_now = max(peaks.client, sample), max(peaks.client_now, sample)
        if servers.postgres:
            tree = [servers.postgres, *servers.postgres.children(recursive=True)]
            peaks.postgres = max(peaks.postgres, sum(_memory(one, shared=True) for one in tree))


def _memory(process: psutil.Process, *, shared: bool) -> int:
    try:
        return int(process.memory_full_info().pss if shared else process.memory_info().rss)
    except (psutil.Error, AttributeError):  # it ended meanwhile, or is another user's, or the system has no PSS
        return 0


def _process(pid: int, name: str) -> psutil.Process | None:
    try:
        found = psutil.Process(pid)
        return found if name in found.name() else None
    except psutil.Error:
        return None


def tree_cpu(root: psutil.Process | None) -> float | None:
    """CPU seconds so far of a process and all of its children; None where it cannot be seen."""
    if root is None:
        return None
    return sum(_cpu(one) for one in (root, *root.children(recursive=True)))


def _cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def _less(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else now - before
