"""The API behind HAProxy: two processes, one of which is killed, or told to stop, while readers read."""

import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.api.platform_rows import platform
from tests.api.served import PATIENCE, Server, await_answer, end, free_port, starting
from tests.debian import Program, program
from tests.postgres.waiting import until

HAPROXY = Path(__file__).parents[2] / "deploy" / "haproxy"
READERS = 4
CONFIGURATIONS = ("leastconn", "roundrobin")


@pytest.fixture(scope="module")
def haproxy() -> Program:
    return program("haproxy")


@contextmanager
def front(haproxy: Program, configuration: str, servers: list[Server]) -> Iterator[str]:
    port = free_port()
    given = {f"NEXUS_API_{at}": f"127.0.0.1:{one.port}" for at, one in enumerate(servers, start=1)}
    environment = {**haproxy.environment, **given, "NEXUS_FRONT": f"127.0.0.1:{port}"}
    process = subprocess.Popen([haproxy.path, "-db", "-f", HAPROXY / f"{configuration}.cfg"], env=environment)
    try:
        await_answer(f"http://127.0.0.1:{port}/api/v3/projects/dashboard", process, status=401)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@contextmanager
def reading(urls: list[str], headers: dict[str, str]) -> Iterator[Counter[str]]:
    """Readers, each with a connection of its own, who count what they were answered; no request is asked again."""
    over, seen = threading.Event(), Counter[str]()

    def read(url: str) -> None:
        with httpx.Client(base_url=url, headers=headers, timeout=PATIENCE) as client:
            while not over.is_set():
                try:
                    answer = client.get("/api/v3/projects/dashboard")
                    seen[str(answer.status_code if answer.json()["generation"] == 1 else answer.text)] += 1
                except httpx.TransportError as error:
                    seen[repr(error)] += 1

    threads = [threading.Thread(target=read, args=(url,)) for url in urls for _ in range(READERS)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        over.set()
        for thread in threads:
            thread.join()


def answered(seen: Counter[str], *, more: int) -> None:
    wanted, deadline = seen.total() + more, time.monotonic() + PATIENCE
    while seen.total() < wanted and time.monotonic() < deadline:
        time.sleep(0.02)


def asked_no_more(server: Server, seen: Counter[str]) -> bool:
    """Whether others gave a hundred answers, and that server none."""

    def given() -> list[str]:
        told = httpx.get(f"{server.url}/metrics", timeout=PATIENCE).text.splitlines()
        return [line for line in told if line.startswith("nexus_http_requests_total{") and "dashboard" in line]

    before = given()
    answered(seen, more=100)
    return given() == before


def test_readers_see_nothing_of_a_process_that_is_killed_or_told_to_stop(settings, publish, token, haproxy):
    publish(1, **platform())
    with ExitStack() as stack:
        started = [stack.enter_context(starting(settings, api_drain="60", rate_limit="100000")) for _ in range(3)]
        for one in started:
            await_answer(f"{one.url}/health/live", one.process)
        first, second, third = started
        killed = [stack.enter_context(front(haproxy, name, [first, second])) for name in CONFIGURATIONS]
        stopped = stack.enter_context(front(haproxy, "leastconn", [third, second]))
        with reading([*killed, stopped], token("ada")) as seen:
            answered(seen, more=100)
            os.killpg(first.process.pid, signal.SIGKILL)
            third.process.terminate()
            await_answer(f"{third.url}/health/ready", third.process, status=503)
            assert httpx.get(f"{third.url}/health/live", timeout=PATIENCE).status_code == 200
            answered(seen, more=100)
            until(lambda: asked_no_more(third, seen))
            end(third.process)
            answered(seen, more=100)
        assert seen.keys() == {"200"}
        for url in (*killed, stopped):
            assert httpx.get(f"{url}/metrics", timeout=PATIENCE).status_code == 404
            assert httpx.get(f"{url}/health/ready", timeout=PATIENCE).status_code == 404


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_haproxy_accepts_the_configuration_without_a_warning(haproxy, configuration):
    given = {"NEXUS_FRONT": "127.0.0.1:1", "NEXUS_API_1": "127.0.0.1:2", "NEXUS_API_2": "127.0.0.1:3"}
    command = [haproxy.path, "-c", "-dW", "-f", HAPROXY / f"{configuration}.cfg"]
    done = subprocess.run(command, env={**haproxy.environment, **given}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
