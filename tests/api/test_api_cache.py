"""The dashboards in Redis: what is written, under which keys, and what happens when they cannot be."""

import json

import redis

from nexus_data.cache import dashboard_key, refresh
from tests.api.platform_rows import platform
from tests.canonical_rows import row


def _refresh(settings, generation, **changes):
    urls = {"database_url": settings.postgres_url, "redis_url": settings.redis_url, **changes}
    return refresh(**urls, generation=generation)


def _keys(settings):
    with redis.Redis.from_url(settings.redis_url, decode_responses=True) as client:
        return {key: client.ttl(key) for key in client.scan_iter()}


def test_every_user_has_a_document_under_the_generation(publish, settings):
    publish(4, **platform())
    assert _refresh(settings, 4) == "current"
    keys = {dashboard_key(user, generation=4, run_id="run-4"): -1 for user in ("ada", "bob")}
    assert _keys(settings) == keys
    assert all(key.startswith("nexus:4:dashboard:") for key in keys)
    with redis.Redis.from_url(settings.redis_url) as client:
        document = json.loads(client.get(dashboard_key("bob", generation=4, run_id="run-4")))
    assert (document["user_id"], document["generation"]) == ("bob", 4)


def test_older_generations_run_out_and_newer_ones_stay(publish, settings):
    publish(4, **platform())
    _refresh(settings, 4)
    newer = dashboard_key("ada", generation=9, run_id="run-9")
    with redis.Redis.from_url(settings.redis_url) as client:
        client.mset({newer: b"{}", "somebody:else": b"1"})
    publish(5, **platform())
    assert _refresh(settings, 5) == "current"
    lives = _keys(settings)
    assert all(0 < lives[dashboard_key(user, generation=4, run_id="run-4")] <= 60 for user in ("ada", "bob"))
    forever = {dashboard_key(user, generation=5, run_id="run-5") for user in ("ada", "bob")} | {newer, "somebody:else"}
    assert {key for key, lives_for in lives.items() if lives_for == -1} == forever


def test_a_late_refresh_writes_the_generation_that_is_current_by_then(publish, settings):
    publish(1, **platform())
    publish(2, **platform())
    assert _refresh(settings, 1) == "current"
    assert set(_keys(settings)) == {dashboard_key(user, generation=2, run_id="run-2") for user in ("ada", "bob")}


def test_more_users_than_a_chunk_holds(publish, settings):
    publish(1, users=[row("users", user_id=f"u{n}") for n in range(601)])
    assert _refresh(settings, 1) == "current"
    assert len(_keys(settings)) == 601


def test_nobody_to_write_for_is_current(publish, settings):
    publish(1)
    assert _refresh(settings, 1) == "current"
    assert _keys(settings) == {}


def test_redis_down_is_behind_and_names_the_setting(publish, settings, home):
    publish(1, **platform())
    for url in (f"unix://{home}/nobody.sock", "redis://127.0.0.1:1/0", "nonsense"):
        state = _refresh(settings, 1, redis_url=url)
        assert state.startswith("behind: ")
        assert "NEXUS_REDIS_URL" in state


def test_the_redis_password_is_not_said(publish, settings):
    publish(1, **platform())
    assert "hush" not in _refresh(settings, 1, redis_url="redis://:hush@127.0.0.1:1/0")
