"""News of publishes over WebSockets and server-sent events, from two API processes with real clients."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from psycopg.types.json import Jsonb
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from nexus_data.announce import announce
from nexus_data.api.access import viewer_of
from nexus_data.api.bearer import Verifier
from nexus_data.api.event_routes import Pass, news
from nexus_data.api.events import Published
from nexus_data.api.events import listening as hub_of
from nexus_data.api.stores import opened
from nexus_data.landing import Landing
from nexus_data.pipeline import run_all
from nexus_data.postgres.connect import connection
from nexus_data.services import Services
from nexus_data.settings import Settings
from nexus_data.sql import query
from nexus_data.tokens import sign, signing_key, signing_keys
from tests.api.served import PATIENCE, await_answer, starting
from tests.pipelines.rows import ANN, OPERATIONS, USERS, operation

WAIT = PATIENCE


@contextmanager
def api(settings: Settings, *, processes: int = 1) -> Iterator[list[str]]:
    """API processes of their own; host and port of each."""
    with ExitStack() as stack:
        started = [stack.enter_context(starting(settings, rate_limit="100000")) for _ in range(processes)]
        for one in started:
            await_answer(f"{one.url}/health/live", one.process)
        yield [one.url.removeprefix("http://") for one in started]


@pytest.fixture
def two(settings: Settings) -> Iterator[list[str]]:
    with api(settings, processes=2) as hosts:
        yield hosts


@contextmanager
def listening(host: str, headers: dict[str, str], since: int | None = None) -> Iterator[ClientConnection]:
    with connect(f"ws://{host}/api/v3/ws", proxy=None) as socket:
        token = headers["Authorization"].removeprefix("Bearer ")
        socket.send(json.dumps({"token": token, "since": since}))
        yield socket


def heard(socket: ClientConnection, wait: float = WAIT) -> Any:
    return json.loads(socket.recv(timeout=wait))


def take_in(settings: Settings, folder: Path, *, user: str, number: int) -> int:
    """A run that publishes a purchase of that user; the generation."""
    file = folder / f"{user}-{number}.csv"
    file.write_text(f"{OPERATIONS}\n{operation(f'{user}-{number}', f'2024-0{number}-05T10:00:00Z', user=user)}\n")
    return run_all(settings, [Landing(file)]).generation


def users(settings: Settings, folder: Path) -> int:
    """A run that publishes Ann and Bob."""
    file = folder / "users.csv"
    file.write_text(f"{USERS}\n{ANN}\n{ANN.replace('ann', 'bob')}\n")
    return run_all(settings, [Landing(file)]).generation


def changes(event: Any) -> list[tuple[str, str, int, str | None]]:
    return [(one["user_id"], one["table"], one["published"], one["first_day"]) for one in event["changes"]]


def test_each_hears_its_own_from_whatever_process_and_what_it_missed(two, settings, token, tmp_path):
    first = users(settings, tmp_path)
    # Who is not known yet when it is published is told so as something missed; the third one nobody misses.
    with listening(two[0], token("ann"), since=first) as ann, listening(two[1], token("bob"), since=first) as bob:
        with listening(two[1], token("eve", role="auditor"), since=first) as auditor:
            second = take_in(settings, tmp_path, user="ann", number=1)
            own, others, everybodys = heard(ann), heard(bob), heard(auditor)
        assert {one["generation"] for one in (own, others, everybodys)} == {second}
        assert {one["event"] for one in (own, others, everybodys)} == {"published"}
        assert changes(own) == changes(everybodys) == [("ann", "trading_operations", 1, "2024-01-05")]
        assert changes(others) == [], "that something was published is no secret; of whom, is"
        third = take_in(settings, tmp_path, user="bob", number=2)
        assert changes(heard(bob)) == [("bob", "trading_operations", 1, "2024-02-05")]
        assert changes(heard(ann)) == []

    for host in two:
        with listening(host, token("ann"), since=0) as again:
            missed = [heard(again) for _ in range(3)]
        assert [one["generation"] for one in missed] == [first, second, third]
        assert [changes(one) for one in missed[:2]] == [[("ann", "users", 1, None)], changes(own)]

    headers = {**token("ann"), "Last-Event-ID": str(first)}
    with httpx.stream("GET", f"http://{two[0]}/api/v3/events", headers=headers, timeout=WAIT) as stream:
        lines = iter(stream.iter_lines())
        text = [next(lines) for _ in range(10)]
    assert stream.headers["Content-Type"].startswith("text/event-stream")
    assert [line for line in text if line.startswith("id:")] == [f"id: {second}", f"id: {third}"]
    told = [json.loads(line.removeprefix("data: ")) for line in text if line.startswith("data:")]
    assert [changes(one) for one in told] == [changes(own), []]


def test_who_has_no_token_hears_nothing_and_who_had_one_no_longer(settings, token):
    with api(settings) as (host,):
        for hello in ('{"token": "none"}', "{", '{"since": 1}'):
            with connect(f"ws://{host}/api/v3/ws", proxy=None) as socket:
                socket.send(hello)
                with pytest.raises(ConnectionClosed) as closed:
                    socket.recv(timeout=WAIT)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == (4401 if "none" in hello else 4400)
        assert httpx.get(f"http://{host}/api/v3/events", timeout=WAIT).status_code == 401
        for end in ("websocket", "stream"):
            # On a slow machine a token may be over before it is first shown: then with one that lives longer.
            lives = (timedelta(seconds=seconds) for seconds in (2, 8, 32))
            assert any(_ends_with_its_token(end, host, token("ann", life)) for life in lives)


def _ends_with_its_token(end: str, host: str, headers: dict[str, str]) -> bool:
    """Whether the connection began with that token and ended with it; False where it could not begin."""
    if end == "stream":
        with httpx.stream("GET", f"http://{host}/api/v3/events", headers=headers, timeout=WAIT) as stream:
            return "".join(stream.iter_lines()).startswith(": connected")
    with listening(host, headers) as socket, pytest.raises(ConnectionClosed) as closed:
        socket.recv(timeout=WAIT)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401
    return "no more" in closed.value.rcvd.reason


def publish_alone(settings: Settings, generation: int, *, user_id: str = "ann", times: int = 1) -> None:
    """What a publish leaves in Postgres, without a word to Redis."""
    with connection(settings.postgres_url or "") as database:
        for number in range(generation, generation + times):
            made = {"generation": number, "run_id": f"r{number}", "lake": Jsonb({})}
            database.execute(query("publish/insert_generation"), made)
            database.execute(
                "INSERT INTO changes (generation, user_id, table_name, published, superseded) "
                "SELECT %s, %s || n, 'projects', 1, 0 FROM generate_series(1, 600) AS n",
                (number, user_id),
            )


def test_what_is_taken_back_while_somebody_listens_is_heard_of_no_more(settings, database_url):
    """An assignment that was taken back, and a session that has ended: not the next publish, either."""

    async def told(heard: AsyncIterator[Any]) -> Any:
        return await anext((event async for event in heard if isinstance(event, Published)), None)

    async def listened() -> list[Any]:
        ended: set[str] = set()
        verifier = Verifier(signing_keys(settings), ended)
        token = sign("jo", key=signing_key(settings), lifetime=timedelta(minutes=5), role="judge", session_id="s-1")
        shown = Pass(token, verifier, verifier.verify(token))
        services = Services(postgres_url=database_url, redis_url=settings.redis_url or "")
        async with opened(services) as stores, hub_of(stores, services.redis_url) as hub:
            while hub.newest is None:
                await asyncio.sleep(0.01)
            reader = await hub.subscribe(viewer_of(shown.bearer))
            heard = news(hub, reader, since=None, shown=shown)
            events = []
            for number, subjects in ((1, ["ann7"]), (2, [])):
                await asyncio.to_thread(_assigned, database_url, subjects)
                await asyncio.to_thread(publish_alone, settings, number)
                announce(services.redis_url, generation=number)
                events.append(await told(heard))
            waiting = asyncio.create_task(told(heard))
            await asyncio.sleep(0.1)  # until it waits; if it does not yet, it hears nothing all the more
            ended.add("s-1")
            reader.waiting.put_nowait(Published(3, events[0].committed_at, events[0].changes))
            return [*events, await waiting]

    first, second, third = asyncio.run(listened())
    assert [one.user_id for one in first.changes] == ["ann7"], "assigned while it listened"
    assert (second.generation, second.changes) == (2, ())
    assert third is None


def _assigned(database_url: str, subjects: list[str]) -> None:
    with connection(database_url) as database:
        database.execute("DELETE FROM assignments")
        for one in subjects:
            database.execute(
                "INSERT INTO assignments (user_id, subject_user_id, assigned_at) VALUES ('jo', %s, now())",
                (one,),
            )


def test_a_lost_announcement_is_made_up_and_a_slow_reader_is_dropped(settings, token):
    with api(settings) as (host,):
        slow = httpx.Client(timeout=WAIT)
        headers = token("eve", role="auditor")
        with (
            listening(host, headers, since=0) as quick,
            connect(f"ws://{host}/api/v3/ws", proxy=None, max_queue=1) as sleepy,
            slow.stream("GET", f"http://{host}/api/v3/events", headers=headers) as stalled,
        ):
            sleepy.send(json.dumps({"token": headers["Authorization"].removeprefix("Bearer ")}))
            publish_alone(settings, 1)
            event = heard(quick)
            assert (event["generation"], len(event["changes"]), event["more"]) == (1, 500, 100)
            for start in range(2, 402, 100):
                publish_alone(settings, start, times=100)
                announce(settings.redis_url or "", generation=start)
                for number in range(start, start + 100):
                    assert heard(quick)["generation"] == number
            assert _heard_until_dropped(sleepy) < 400, "what was under way, and then its end"
            assert sleepy.close_code in (1013, 1006)
            assert _heard_until_dropped(line for line in stalled.iter_lines() if line.startswith("id:")) < 400
        slow.close()
        with listening(host, headers, since=5) as late:
            assert heard(late) == {"event": "missed", "generation": 401}, "too much to be told one by one"


def _heard_until_dropped(events) -> int:
    heard = 0
    with contextlib.suppress(ConnectionClosed, httpx.RemoteProtocolError):
        for _ in events:
            heard += 1
    return heard


def test_redis_being_away_makes_it_later_and_no_less(settings, token, monkeypatch):
    nowhere = Settings(home=settings.home, postgres_url=settings.postgres_url, redis_url="redis://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "*")
    with api(nowhere) as (host,), listening(host, token("ann1"), since=0) as socket:
        publish_alone(settings, 1)
        announce("redis://127.0.0.1:1", generation=1)
        assert changes(heard(socket)) == [("ann1", "projects", 1, None)]
