"""Answers out of memory skip the framework: the same bytes and headers, the same gate, and nobody else's."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from nexus_data.api.app import create_app
from nexus_data.api.short_way import ShortWay
from nexus_data.background.following import Standing, note, open_tasks
from nexus_data.postgres.connect import connection
from nexus_data.tokens import issue
from tests.api.platform_rows import platform

DASHBOARD = "/api/v3/projects/dashboard"
STATUS = "/api/v3/frenly-ai/status"
PATHS = [
    DASHBOARD,
    "/api/v3/auth/me",
    STATUS,
    "/api/v3/frenly-ai/tasks?limit=20",
    "/api/v3/trading-operations?limit=2",
    "/api/v3/trading-operations?limit=2&sort=amount&from=2024-01-01",
    "/api/v3/trading-operations/aggregates/by-day",
    "/api/v3/projects/p1",
    "/api/v3/projects/p1/milestones",
]


def ways(client: TestClient[Litestar]) -> int:
    """How many requests it has learned to answer by itself."""
    short: ShortWay = client.app.state.short_way
    return len(short._ways)


@pytest.fixture
def framework_calls(app: Litestar) -> Callable[[], int]:
    """How many requests have come to the framework."""
    short, count = app.state.short_way, [0]
    framework = short.framework

    async def counted(*given: Any) -> None:
        count[0] += 1
        await framework(*given)

    short.framework = counted
    return lambda: count[0]


@pytest.mark.parametrize("path", PATHS)
def test_the_short_way_answers_as_the_long_one_does(client, publish, token, framework_calls, path):
    publish(1, **platform())
    first = client.get(path, headers=token("ada"))
    long = framework_calls()
    again = client.get(path, headers=token("ada"))
    assert (first.status_code, framework_calls()) == (200, long), "the second answer did not need the framework"
    assert again.content == first.content
    served = "x-served-from"
    assert {**again.headers, served: ""} == {**first.headers, served: ""}
    assert again.headers[served] == "memory"

    held = client.get(path, headers={**token("ada"), "If-None-Match": first.headers["ETag"]})
    assert (held.status_code, held.content, framework_calls()) == (304, b"", long)


def test_what_one_user_asked_shows_the_next_one_its_own(client, publish, token, framework_calls):
    publish(1, **platform())
    for _ in range(2):
        for user in ("ada", "bob", "stranger:1", "1"):
            assert client.get(DASHBOARD, headers=token(user)).json()["user_id"] == user
    assert framework_calls() == 4
    assert client.get("/api/v3/projects/p1", headers=token("ada")).status_code == 200
    assert client.get("/api/v3/projects/p1", headers=token("bob")).status_code == 404


def test_a_request_that_names_a_user_is_learned_for_nobody(client, publish, token):
    publish(1, **platform())
    for path in (f"{DASHBOARD}?user_id=bob", f"{DASHBOARD}?user%5Fid=bob"):
        for headers in (token("bob"), token("eve", role="auditor")):
            assert [client.get(path, headers=headers).json()["user_id"] for _ in range(2)] == ["bob", "bob"]
        assert client.get(path, headers=token("ada")).status_code == 404
    assert ways(client) == 0


def test_what_a_role_sees_is_no_other_roles(client, publish, token):
    publish(1, **platform())
    path = "/api/v3/data/quality-metrics/nexus"
    seen = [client.get(path, headers=token("eve", role="auditor")).status_code for _ in range(2)]
    assert seen[0] == seen[1]
    assert client.get(path, headers=token("ada")).status_code == 403
    roles = [
        [client.get("/api/v3/auth/me", headers=token("eve", role=role)).json()["role"] for role in ("auditor", None)]
        for _ in range(2)
    ]
    assert roles == [["auditor", None], ["auditor", None]]


def test_nobody_comes_by_the_gate(client, publish, token, settings):
    publish(1, **platform())
    for _ in range(2):
        assert client.get(DASHBOARD, headers=token("ada")).status_code == 200
    old = issue(settings, "ada", lifetime=timedelta(seconds=-1))
    for headers in (
        {},
        {"Authorization": f"Bearer {old}"},
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic x"},
    ):
        refused = client.get(DASHBOARD, headers=headers)
        assert (refused.status_code, refused.headers["Content-Type"]) == (401, "application/problem+json")


def test_the_pace_is_kept_and_counted_once(publish, token, settings):
    publish(1, **platform())
    with TestClient(create_app(dataclasses.replace(settings, rate_limit=1))) as client:
        told = [client.get(DASHBOARD, headers=token("ada"))]
        while told[-1].status_code == 200 and len(told) < 100:  # a slow machine keeps the pace for a while
            told.append(client.get(DASHBOARD, headers=token("ada")))
        # Four seconds' worth at once, and the one that is due.
        assert [answer.status_code for answer in told][:5] == [200] * 5
        assert told[-1].status_code == 429
        assert "Retry-After" in told[-1].headers


def test_forms_and_repeated_headers_are_told_apart(client, publish, token):
    publish(1, **platform())
    path = "/api/v3/trading-operations?limit=2"
    accepted = ["application/json", "text/csv", "*/*", "text/html"]
    told = [
        [client.get(path, headers={**token("ada"), "Accept": accept}).headers["Content-Type"] for accept in accepted]
        for _ in range(2)
    ]
    assert told[0] == told[1]
    assert [form.partition(";")[0] for form in told[0]][:2] == accepted[:2]
    two = [("Authorization", "Bearer x"), *token("ada").items()]
    assert client.get(path, headers=two).status_code == 401


def test_a_new_generation_is_shown_at_once(client, publish, token):
    for generation in (1, 2, 3):
        publish(generation, **platform(income=str(generation)))
        for path in (DASHBOARD, STATUS, "/api/v3/frenly-ai/tasks"):
            told = [client.get(path, headers=token("ada")).headers["X-Data-Generation"] for _ in range(3)]
            assert told == [str(generation)] * 3


def test_whoever_writes_a_task_ends_what_was_kept_of_tasks(client, publish, token, settings):
    publish(1, **platform())

    def shown() -> tuple[dict[str, int], list[str]]:
        headers = token("ada")
        status = client.get(STATUS, headers=headers).json()["tasks"]
        return status, [one["status"] for one in client.get("/api/v3/frenly-ai/tasks", headers=headers).json()["tasks"]]

    assert [shown(), shown()] == [({}, []), ({}, [])]
    asked = {"type": "process_dataset", "parameters": {"source": "nexus"}}
    made = client.post("/api/v3/frenly-ai/tasks", json=asked, headers={**token("ada"), "Idempotency-Key": "1"}).json()
    assert [shown(), shown()] == [({"pending": 1}, ["pending"])] * 2
    open_tasks(settings)
    note(settings, [Standing(made["task_id"], "running", started_at=datetime(2024, 1, 1, tzinfo=UTC))])
    assert [shown(), shown()] == [({"running": 1}, ["running"])] * 2
    with connection(settings.postgres_url) as database:
        database.execute("DELETE FROM background_tasks")
    assert shown() == ({}, [])


def test_looking_for_work_leaves_what_was_kept(settings, database_url):
    def changes() -> Any:
        with connection(database_url) as database:
            return database.execute("SELECT changes FROM background_task_changes").fetchone()

    before = changes()
    assert open_tasks(settings) == ()
    assert changes() == before


def test_it_learns_no_more_than_it_has_room_for(client, publish, token):
    client.app.state.short_way.most = 3
    publish(1, **platform())
    for limit in range(1, 8):
        client.get(f"/api/v3/trading-operations?limit={limit}", headers=token("ada"))
    client.get(f"/api/v3/trading-operations?limit=1&{'&' * 2000}", headers=token("ada"))
    assert ways(client) == 3
