"""The API in a process of its own, as `nexus serve` starts it, over real HTTP."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from litestar.testing import TestClient

from nexus_data.api.app import create_app
from nexus_data.services import stop
from nexus_data.settings import Settings
from tests.api.platform_rows import platform
from tests.api.served import PATIENCE, await_answer, free_port


@pytest.fixture
def server(settings: Settings) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--host", "127.0.0.1"]
    given = {
        "NEXUS_HOME": str(settings.home),
        "NEXUS_POSTGRES_URL": str(settings.postgres_url),
        "NEXUS_REDIS_URL": str(settings.redis_url),
    }
    environment = {key: value for key, value in os.environ.items() if not key.startswith("NEXUS_")}
    process = subprocess.Popen(
        [*command, "--port", str(port), "nexus_data.api.app:create_app"], env={**environment, **given}
    )
    url = f"http://127.0.0.1:{port}"
    try:
        await_answer(f"{url}/health/live", process)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENCE) == 0


def test_embedded_services_run_as_long_as_the_api(home):
    alone = Settings(home=home)
    with TestClient(create_app(alone)) as client:
        assert client.get("/health/ready").json() == {"generation": 0, "redis": "up", "status": "ready"}
        assert not stop(alone)
    assert stop(alone)


def test_a_dashboard_over_http(server, publish, token):
    publish(1, **platform())
    with httpx.Client(base_url=server, timeout=PATIENCE) as client:
        first = client.get("/api/v3/projects/dashboard", headers=token("ada"))
        again = client.get(
            "/api/v3/projects/dashboard", headers={**token("ada"), "If-None-Match": first.headers["ETag"]}
        )
        nobody = client.get("/api/v3/projects/dashboard")
    assert (first.status_code, first.json()["user_id"], first.headers["X-Data-Generation"]) == (200, "ada", "1")
    assert (again.status_code, again.content, again.headers["X-Served-From"]) == (304, b"", "memory")
    assert (nobody.status_code, nobody.headers["Content-Type"]) == (401, "application/problem+json")
