"""What the workers of a server measure, together; who may ask for it; what is refused when too much is under way."""

from typing import Any

import httpx
import pytest
from litestar.testing import TestClient

from nexus_data.api.app import create_app
from nexus_data.postgres.connect import connection
from nexus_data.settings import Settings
from nexus_data.status import status
from nexus_data.watching import Slow, fresh_folder, slow
from tests.api.platform_rows import platform
from tests.api.served import PATIENCE, Server, served
from tests.postgres.waiting import until


def _value(told: str, name: str) -> float:
    return sum(float(line.rpartition(" ")[2]) for line in told.splitlines() if line.startswith(name))


def _get(server: Server, path: str, headers: dict[str, str]) -> httpx.Response:
    return httpx.get(f"{server.url}{path}", headers=headers, timeout=PATIENCE)


def _told(server: Server, headers: dict[str, str]) -> str:
    return _get(server, "/metrics", headers).text


def test_all_workers_count_together_by_route_template(settings, publish, token):
    publish(1, **platform())
    sesame, lookups = {"Authorization": "Bearer sesame"}, "nexus_cache_lookups_total{"
    with served(settings, workers=2, metrics_token="sesame") as server:  # noqa: S106
        # The first answers while the second still starts.
        until(lambda: _told(server, sesame).count("nexus_worker_memory_bytes{pid=") == 2)
        for _ in range(20):  # each over a connection of its own, so that either worker is asked
            assert _get(server, "/api/v3/projects/dashboard", token("ada")).status_code == 200
        assert _get(server, "/api/v3/projects/p-unknown", token("ada")).status_code == 404
        assert _get(server, "/nowhere/ada", {}).status_code == 404
        assert _get(server, "/metrics", {}).status_code == 403
        assert _get(server, "/metrics", sesame).headers["Content-Type"].startswith("text/plain")
        dashboards = 'nexus_http_requests_total{method="GET",route="/api/v3/projects/dashboard",status="200"}'
        unknown = 'nexus_http_requests_total{method="GET",route="/api/v3/projects/{project_id}",status="404"}'
        nowhere = 'nexus_http_requests_total{method="GET",route="(none)",status="404"}'
        states = 'nexus_query_seconds_count{query="api/current_state"}'
        wanted = {dashboards: 20, unknown: 1, nowhere: 1}

        def all_told() -> bool:
            told = _told(server, sesame)
            many = _value(told, lookups) >= 20 and _value(told, states) >= 2
            return many and {name: _value(told, name) for name in wanted} == wanted

        until(all_told)  # the other worker says what it counted itself once a second
        told = _told(server, sesame)
    assert _value(told, lookups) <= 80
    assert _value(told, 'nexus_pool{pool="primary",what="pool_max"}') == 2 * settings.api_pool
    assert told.count("nexus_worker_memory_bytes{pid=") == 2
    assert "ada" not in told
    assert "p-unknown" not in told


def test_metrics_are_for_the_bearer_of_the_token_or_for_this_machine(settings):
    with TestClient(create_app(settings)) as elsewhere:
        assert elsewhere.get("/metrics").status_code == 403
    app = create_app(settings)

    async def from_here(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "client": ("127.0.0.1", 4000)}, receive, send)

    with TestClient(from_here) as here:
        assert here.get("/metrics").status_code == 200
        for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
            assert here.get("/metrics", headers={header: "127.0.0.1"}).status_code == 403


def test_more_than_may_be_under_way_are_told_to_come_again(settings, publish, token):
    publish(1, **platform())
    app, ada, path = create_app(settings), token("ada"), "/api/v3/projects/dashboard"
    with TestClient(app) as client:
        watch, limit = app.state.watch, app.state.limit
        limit.waiting = settings.api_in_flight
        refused = client.get(path, headers=ada)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
        assert refused.json()["status"] == 503
        limit.waiting = 0
        assert client.get(path, headers=ada).status_code == 200
        # What is kept is served to many more.
        limit.waiting = watch.in_flight = settings.api_in_flight
        assert client.get(path, headers=ada).status_code == 200
        assert client.get("/api/v3/trading-operations", headers=ada).status_code == 503
        watch.in_flight = 4 * settings.api_in_flight
        assert client.get(path, headers=ada).status_code == 503
        assert client.get("/health/live").status_code == 200
        watch.in_flight = limit.waiting = 0
        assert client.get(path).status_code == 401
        assert (watch.in_flight, limit.waiting) == (0, 0)
    told = app.state.measures.exposition().decode()
    assert _value(told, 'nexus_http_requests_total{method="GET",route="(busy)",status="503"}') == 3


def test_health_while_stores_are_down(home, database_url):
    nowhere = "redis://127.0.0.1:1"
    with TestClient(create_app(Settings(home=home, postgres_url=database_url, redis_url=nowhere))) as client:
        assert client.get("/health/ready").json() == {"generation": 0, "redis": "down", "status": "ready"}
    down = Settings(home=home, postgres_url="postgresql://nobody@127.0.0.1:1/nexus", redis_url=nowhere)
    with TestClient(create_app(down)) as client:
        assert client.get("/health/live").status_code == 200
        ready = client.get("/health/ready")
        assert (ready.status_code, ready.headers["Retry-After"]) == (503, "5")


def test_status_names_what_was_slow_in_a_server_that_runs(settings):
    place = fresh_folder(settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
        app = create_app(settings, watched=place)
        app.state.measures.answered("GET", "/a", 200, 1.5)
        app.state.measures.answered("GET", "/a", 200, 0.5)
        app.state.measures.asked("page", 0.7)
        port = settings.api_port
        assert set(slow(settings)) == {Slow(port, "request", "/a", 1, 2), Slow(port, "query", "page", 1, 1)}
        (place / "server.pid").write_text("0", encoding="ascii")
    assert slow(settings) == ()


def test_status_names_statements_that_were_slow(settings):
    with connection(settings.postgres_url) as database:
        # A server that has served many tests remembers as many statements as it may, and forgets one for each new one.
        database.execute("SELECT pg_stat_statements_reset()")
        database.execute("SELECT pg_sleep(0.6)")
    found = status(settings).slow_statements
    assert [one["calls"] for one in found if one["statement"] == "SELECT pg_sleep($1)"] == [1]
