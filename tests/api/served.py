"""`nexus serve` in processes of its own, for tests of what stands around the API."""

import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import httpx

from nexus_data.settings import Settings

PATIENCE = 180.0
_CHANCE = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class Server:
    """A process of the API; killing it takes its workers along."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def free_port() -> int:
    """A port that nobody has. Below those that the system gives to clients: theirs may be taken at any moment."""
    while True:
        port = _CHANCE.randrange(10_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


@contextmanager
def served(settings: Settings, *, workers: int = 1, **given: str) -> Iterator[Server]:
    """A server on a free port that answers; `given`: further settings, `api_drain="2"`."""
    with starting(settings, workers=workers, **given) as server:
        await_answer(f"{server.url}/health/live", server.process)
        yield server


@contextmanager
def starting(settings: Settings, *, workers: int = 1, **given: str) -> Iterator[Server]:
    """A server that does not answer yet: several start sooner beside each other."""
    port = free_port()
    kept = {key: value for key, value in os.environ.items() if not key.startswith("NEXUS_")}
    own = {"home": str(settings.home), "postgres_url": str(settings.postgres_url), "redis_url": str(settings.redis_url)}
    named = {f"NEXUS_{key.upper()}": value for key, value in {**own, "api_port": str(port), **given}.items()}
    command = [sys.executable, "-m", "pipelines.cli", "serve", "--workers", str(workers)]
    process = subprocess.Popen(command, env={**kept, **named}, start_new_session=True)
    try:
        yield Server(process, port)
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Let it end: a second SIGTERM, and any further one, ends its drain."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None:
        assert time.monotonic() < deadline, "the server does not end"
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)


def await_answer(url: str, process: subprocess.Popen[bytes], *, status: int = 200) -> None:
    """Until that URL answers with that status; AssertionError when it does not, or the process ends."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=PATIENCE).status_code == status:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{url} did not come to answer {status}")
