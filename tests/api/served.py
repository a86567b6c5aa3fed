"""`nexus serve` in processes of its own, for tests of what stands around the API."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from nexus_data.settings import Settings


@dataclass(frozen=True, slots=True)
class Server:
    """A process of the API; killing it takes its workers along."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(settings: Settings, *, workers: int = 1, **given: str) -> Iterator[Server]:
    """A server on a free port; `given`: further settings, `api_drain="2"`."""
    port = free_port()
    kept = {key: value for key, value in os.environ.items() if not key.startswith("NEXUS_")}
    own = {"home": str(settings.home), "postgres_url": str(settings.postgres_url), "redis_url": str(settings.redis_url)}
    named = {f"NEXUS_{key.upper()}": value for key, value in {**own, "api_port": str(port), **given}.items()}
    command = [sys.executable, "-m", "pipelines.cli", "serve", "--workers", str(workers)]
    process = subprocess.Popen(command, env={**kept, **named}, start_new_session=True)
    try:
        await_answer(f"http://127.0.0.1:{port}/health/live", process)
        yield Server(process, port)
    finally:
        process.terminate()
        process.wait(timeout=60)


def await_answer(url: str, process: subprocess.Popen[bytes], *, status: int = 200) -> None:
    """Until that URL answers with that status; AssertionError when it does not, or the process ends."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url).status_code == status:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{url} did not come to answer {status}")
