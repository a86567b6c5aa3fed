"""The server under load: `nexus serve` as a process of its own, its CPU seconds and the memory of its workers."""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from nexus_data.bench.meter import tree_cpu
from nexus_data.errors import RunError

_START_SECONDS = 120
_SAMPLE_SECONDS = 1.0


@dataclass(slots=True)
class Memory:
    """Samples of (seconds, bytes of the largest worker)."""

    samples: list[tuple[float, int]] = field(default_factory=list)

    @property
    def peak(self) -> int:
        """The most that a worker had."""
        return max((size for _, size in self.samples), default=0)

    def slope(self) -> float:
        """Bytes a second by which the largest worker grows, over the later half of the samples: least squares."""
        late = self.samples[len(self.samples) // 2 :]
        if len(late) < 2:
            return 0.0
        mean_at = sum(at for at, _ in late) / len(late)
        mean = sum(size for _, size in late) / len(late)
        spread = sum((at - mean_at) ** 2 for at, _ in late)
        return sum((at - mean_at) * (size - mean) for at, size in late) / spread


@dataclass(frozen=True, slots=True)
class Served:
    """A running server; url without a slash at its end."""

    url: str
    process: psutil.Process

    def cpu(self) -> float:
        """CPU seconds so far of all of its processes."""
        return tree_cpu(self.process) or 0.0

    def largest_worker(self) -> int:
        """Resident bytes."""
        sizes = [0]
        for worker in self.process.children():
            with suppress(psutil.Error):
                sizes.append(int(worker.memory_info().rss))
        return max(sizes)


@contextmanager
def served(home: Path, *, workers: int, log: Path) -> Iterator[Served]:
    """`nexus serve` on that home and a free port, until the context ends. RunError when it does not come up."""
    port = _free_port()
    kept = {key: value for key, value in os.environ.items() if not key.startswith("NEXUS_")}
    environment = {**kept, "NEXUS_HOME": str(home), "NEXUS_API_PORT": str(port)}
    command = [sys.executable, "-m", "pipelines.cli", "serve", "--workers", str(workers)]
    with log.open("ab") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)  # noqa: S603 - our own command
    try:
        _await_ready(f"http://127.0.0.1:{port}", process, log)
        yield Served(f"http://127.0.0.1:{port}", psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(timeout=60)


@contextmanager
def remembered(server: Served) -> Iterator[Memory]:
    """Sample the workers' memory while the block runs."""
    memory, over = Memory(), threading.Event()

    def sample() -> None:
        while not over.wait(_SAMPLE_SECONDS):
            memory.samples.append((time.monotonic(), server.largest_worker()))

    watcher = threading.Thread(target=sample, daemon=True)
    watcher.start()
    try:
        yield memory
    finally:
        over.set()
        watcher.join()


def _await_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(f"{url}/health/ready"):  # noqa: S310
            return
        time.sleep(0.2)
    raise RunError(f"the API did not come up; its last words: {log.read_text(errors='replace')[-500:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
