"""Publishes against concurrent readers of two API processes: no answer mixes generations, none is of a replaced one."""

import asyncio
import json
import threading
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient

from nexus_data.api.app import create_app
from nexus_data.api.memory import Memory
from nexus_data.postgres.connect import connection
from tests.api.conftest import Publish, Token
from tests.api.platform_rows import platform

API = "/api/v3"
OPERATIONS = f"{API}/trading-operations"
READS = (
    f"{API}/projects/dashboard",
    f"{OPERATIONS}?symbol=ACME",
    f"{OPERATIONS}?category=dividend",
    f"{OPERATIONS}/aggregates/by-day?category=dividend",
    f"{API}/projects/p1",
)
BATCH = [path.removeprefix(API) for path in READS]

# What a publish changes: the rows, the marts and the generation, in one commit. The amount is the generation's number.
_PUBLISH = (
    """INSERT INTO superseded_operations
       SELECT trading_operations.*, NULL, %(g)s, 'restated', file_id, record_no, operation_id
       FROM trading_operations WHERE symbol = 'ACME'""",
    "UPDATE trading_operations SET amount = %(g)s, generation = %(g)s WHERE symbol = 'ACME'",
    "UPDATE marts.daily_totals SET amount = %(g)s WHERE category = 'dividend'",
    "UPDATE marts.project_dashboard SET budget = %(g)s WHERE project_id = 'p1'",
    "INSERT INTO generations VALUES (%(g)s, 'run-' || %(g)s, now(), '{}')",
)


@dataclass(slots=True)
class World:
    """What has been committed so far, for certain; readers' objections."""

    url: str
    committed: int
    over: bool = False
    wrong: list[str] = field(default_factory=list)
    answers: int = 0

    def publish(self, pauses: list[float]) -> None:
        """A generation a pause; the pause passes between its statements, so that readers come in between."""
        try:
            with connection(self.url) as database:
                for pause in pauses:
                    for statement in _PUBLISH:
                        database.execute(statement, {"g": self.committed + 1})
                        time.sleep(pause)
                    database.commit()
                    self.committed += 1
        finally:
            self.over = True


def shown(path: str, document: dict[str, Any]) -> int:
    """The number that the rows behind the answer say."""
    if "dashboard" in path:
        assert document["projects"][0]["budget"] == document["totals"][0]["income"]
        return int(document["totals"][0]["income"])
    if "by-day" in path:
        return int(document["sums"][0]["amount"])
    if "projects" in path:
        return int(document["project"]["budget"])
    (one,) = document["operations"]
    return int(one["amount"])


def check(world: World, path: str, then: int, generation: int, document: dict[str, Any]) -> None:
    """Object unless all of it is of one generation, which was not replaced when the question was asked."""
    world.answers += 1
    found = (generation, document["generation"], shown(path, document))
    if len(set(found)) > 1 or generation < then:
        world.wrong.append(f"{path} asked in {then}: {found}")


async def read(world: World, client: httpx.AsyncClient, headers: dict[str, str], turn: int) -> None:
    over = False
    while not over:  # The last question is asked when all is published, so that there is one on the slowest machine.
        over = world.over
        path, then = READS[turn % len(READS)], world.committed
        answer = await client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        check(world, path, then, int(answer.headers["X-Data-Generation"]), answer.json())
        turn += 1


async def read_together(world: World, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    over = False
    while not over:
        over = world.over
        then = world.committed
        answer = await client.post(f"{API}/batch", headers=headers, json={"requests": BATCH})
        if answer.status_code == 503:  # overtaken five times
            continue
        whole = answer.json()
        for path, one in zip(READS, whole["answers"], strict=True):
            check(world, path, then, whole["generation"], one["body"])


async def scene(world: World, apps: list[Litestar], headers: dict[str, str], pauses: list[float], readers: int) -> None:
    async with AsyncExitStack() as stack:
        clients = []
        for app in apps:
            await stack.enter_async_context(app.lifespan())
            transport = httpx.ASGITransport(app=app)
            clients.append(await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://x")))
        # So little memory that answers come and go, and Redis is asked in between.
        apps[0].state.stores.near.memory = Memory(limit=20_000)
        publisher = threading.Thread(target=world.publish, args=(pauses,))
        publisher.start()
        asking = [read(world, clients[n % len(clients)], headers, n) for n in range(readers)]
        await asyncio.gather(*asking, *(read_together(world, client, headers) for client in clients))
        publisher.join()


@pytest.fixture
def world(publish: Publish, database_url: str) -> World:
    publish(10, **platform(income="10"))
    with connection(database_url) as database:
        database.execute("UPDATE marts.project_dashboard SET budget = 10 WHERE project_id = 'p1'")
    return World(database_url, committed=10)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pauses=st.lists(st.sampled_from([0.0, 0.002, 0.01, 0.03]), min_size=2, max_size=6), readers=st.integers(1, 12))
def test_publishes_against_readers(
    world: World, settings: Any, token: Token, pauses: list[float], readers: int
) -> None:
    world.over = False
    unhurried = replace(settings, rate_limit=1_000_000)  # a fast machine asks more than one user may
    apps = [create_app(unhurried), create_app(unhurried)]
    asyncio.run(scene(world, apps, token("ada"), pauses, readers))
    assert world.answers
    assert not world.wrong


def test_several_reads_in_one_request(client: TestClient[Litestar], token: Token, publish: Publish) -> None:
    publish(3, **platform())
    paths = ["/projects/dashboard", "/projects/nothing", "/trading-operations?limit=1", "/projects/p1?user_id=bob"]
    answer = client.post(f"{API}/batch", json={"requests": paths}, headers=token("ada"))
    whole = answer.json()
    assert (answer.status_code, answer.headers["X-Data-Generation"], whole["generation"]) == (200, "3", 3)
    assert [one["path"] for one in whole["answers"]] == paths
    assert [one["status"] for one in whole["answers"]] == [200, 404, 200, 404]
    alone = client.get(f"{API}{paths[2]}", headers=token("ada"))
    assert whole["answers"][2]["body"] == alone.json()
    assert whole["answers"][0]["body"]["user_id"] == "ada"


@pytest.mark.parametrize(
    "paths", [[], ["/projects/dashboard"] * 21, ["/health/live"], ["/batch"], ["/frenly-ai/tasks"], ["/projectsx"], [7]]
)
def test_what_cannot_be_asked_together(client: TestClient[Litestar], token: Token, paths: list[Any]) -> None:
    answer = client.post(f"{API}/batch", json={"requests": paths}, headers=token("ada"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")


def test_nobody_asks_together(client: TestClient[Litestar]) -> None:
    assert client.post(f"{API}/batch", content=json.dumps({"requests": ["/projects/dashboard"]})).status_code == 401


def test_what_memory_has_is_answered_while_slow_statements_hold_every_connection(
    app: Litestar, token: Token, publish: Publish, settings: Any
) -> None:
    publish(1, **platform())

    async def answers() -> list[tuple[int, str]]:
        async with (
            app.lifespan(),
            httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://x") as client,
        ):
            first = await client.get(READS[0], headers=token("ada"))
            pool = app.state.stores.database
            taken = [await pool.getconn() for _ in range(settings.api_pool)]
            second = await client.get(READS[0], headers=token("ada"))
            for connection in taken:
                await pool.putconn(connection)
            return [(one.status_code, one.headers["X-Served-From"]) for one in (first, second)]

    assert asyncio.run(answers()) == [(200, "postgres"), (200, "memory")]
