"""The dashboards in Redis: what is written, under which keys, and what happens when they cannot be."""

import json
from datetime import date
from decimal import Decimal

import pytest
import redis
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from nexus_data.cache import dashboard_key, refresh
from nexus_data.ledger import current_generation
from nexus_data.postgres.connect import connection
from nexus_data.sql import query
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
    assert _keys(settings) == {**keys, "nexus:4:dashboards:run-4": -1}
    assert all(key.startswith("nexus:4:dashboard:") for key in keys)
    with redis.Redis.from_url(settings.redis_url) as client:
        document = json.loads(client.get(dashboard_key("bob", generation=4, run_id="run-4")))
    assert (document["user_id"], document["generation"]) == ("bob", 4)


def test_older_generations_go_and_newer_ones_stay(publish, settings):
    publish(4, **platform())
    _refresh(settings, 4)
    newer = dashboard_key("ada", generation=9, run_id="run-9")
    with redis.Redis.from_url(settings.redis_url) as client:
        client.mset({newer: b"{}", "somebody:else": b"1"})
    publish(5, **platform())
    assert _refresh(settings, 5) == "current"
    documents = {dashboard_key(user, generation=5, run_id="run-5") for user in ("ada", "bob")}
    assert set(_keys(settings)) == {*documents, "nexus:5:dashboards:run-5", newer, "somebody:else"}


def test_a_late_refresh_writes_the_generation_that_is_current_by_then(publish, settings):
    publish(1, **platform())
    publish(2, **platform())
    assert _refresh(settings, 1) == "current"
    documents = {dashboard_key(user, generation=2, run_id="run-2") for user in ("ada", "bob")}
    assert set(_keys(settings)) == {*documents, "nexus:2:dashboards:run-2"}


def test_more_users_than_a_chunk_holds(publish, settings):
    publish(1, users=[row("users", user_id=f"u{n}") for n in range(601)])
    assert _refresh(settings, 1) == "current"
    assert len([key for key in _keys(settings) if ":dashboard:" in key]) == 601


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


def _documents(settings, generation):
    """Of each user: the cached text, and what Postgres answers."""
    with connection(settings.postgres_url) as database, redis.Redis.from_url(settings.redis_url) as client:
        users = [user for (user,) in database.execute("SELECT user_id FROM users ORDER BY user_id")]
        answers = database.execute(query("cache/project_dashboard"), {"user_ids": users}).fetchall()
        key = {user: dashboard_key(user, generation=generation, run_id=f"run-{generation}") for user in users}
        return {user: (client.get(key[user]), text.encode()) for user, _, _, text in answers}


def _carried(settings, caplog, generation):
    """How many documents a refresh took over as they were, by its own word."""
    caplog.clear()
    with caplog.at_level("INFO", logger="nexus_data.cache"):
        assert _refresh(settings, generation) == "current"
    return next(record.args[0] for record in caplog.records if "carried over" in record.msg)


def test_what_a_publish_left_as_it_was_is_carried_over(publish, settings, caplog):
    rows = platform()
    publish(1, **rows)
    assert _carried(settings, caplog, 1) == 0, "there is no generation before"
    publish(2, **rows)
    assert _carried(settings, caplog, 2) == 2
    of_ada, *others = rows["trading_operations"]
    publish(3, **{**rows, "trading_operations": [{**of_ada, "amount": Decimal(11)}, *others]})
    assert _carried(settings, caplog, 3) == 1, "Ada's operations are others now"
    assert all(cached == asked for cached, asked in _documents(settings, 3).values())


@pytest.mark.parametrize(
    "doubt",
    [
        "INSERT INTO changes (generation, user_id, table_name, published, superseded) VALUES (2, 'bob', 'users', 1, 0)",
        "COMMENT ON TABLE marts.daily_totals IS 'SELECT another'",
        "ALTER TABLE trading_operations DETACH PARTITION trading_operations_2024_03",
        "INSERT INTO cleanups (cleanup_id, kind, item, records, bytes, reason, state, intended_at, restored_generation)"
        " VALUES ('c', 'operations', '2024-02', 0, 0, '', 'done', now(), 2)",
        "UPDATE marts.milestones SET as_of = as_of + 1",
        "UPDATE marts.project_dashboard SET used = used + 1",
        "DELETE FROM generations WHERE generation = 1",
    ],
)
def test_what_is_in_doubt_is_computed(publish, settings, caplog, doubt):
    rows = platform()
    publish(1, **rows)
    _refresh(settings, 1)
    publish(2, **rows)
    with connection(settings.postgres_url) as database:
        database.execute(doubt)
    assert _carried(settings, caplog, 2) < 2
    assert all(cached == asked for cached, asked in _documents(settings, 2).values())


def test_nothing_is_carried_over_from_a_generation_that_was_not_written(publish, settings, caplog):
    rows = platform()
    publish(1, **rows)
    publish(2, **rows)
    assert _carried(settings, caplog, 2) == 0
    publish(3, **rows)
    with redis.Redis.from_url(settings.redis_url) as client:
        client.delete(dashboard_key("ada", generation=2, run_id="run-2"))
        client.set(dashboard_key("bob", generation=2, run_id="run-2"), b'{"user_id" : "bob", "generation" : 1}')
    assert _carried(settings, caplog, 3) == 0
    assert all(cached == asked for cached, asked in _documents(settings, 3).values())


_USERS = ["ada", "bob", 'e"ve: \\']
_OPERATIONS = st.lists(st.tuples(st.sampled_from(_USERS), st.integers(1, 3)), max_size=3, unique=True)
_MILESTONES = st.dictionaries(st.integers(1, 3), st.tuples(st.sampled_from(["p1", "p2"]), st.booleans()), max_size=3)
_STATES = st.tuples(_OPERATIONS, _MILESTONES, st.permutations(["ada", "bob"]))


def _rows(operations, milestones, owners):
    return {
        "users": [row("users", user_id=user) for user in _USERS],
        "projects": [
            row("projects", project_id=f"p{n}", user_id=owner, name="P", currency="EUR", total_budget=Decimal(9))
            for n, owner in enumerate(owners, 1)
        ],
        "project_milestones": [
            row(
                "project_milestones",
                milestone_id=f"m{n}",
                project_id=project,
                currency="EUR",
                planned_amount=Decimal(n),
                due_on=date(2024, 5 if late else 7, 1),
                status_category="todo",
            )
            for n, (project, late) in milestones.items()
        ],
        "trading_operations": [
            row(
                "trading_operations",
                operation_id=bytes([*user.encode()[:1], number] * 8),
                file_id=bytes(16),
                date=date(2024, number, 1),
                user_id=user,
                type="income",
                category="other",
                amount=Decimal(number),
                currency="EUR",
                source="bank",
                # Whose operation it is, is not whose project it pays for.
                milestone_id=f"m{number}" if number in milestones else None,
            )
            for user, number in operations
        ],
    }


@examples(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_STATES, min_size=2, max_size=4))
def test_what_is_cached_is_what_postgres_answers_whatever_is_published(publish, settings, states):
    with connection(settings.postgres_url) as database:
        before = current_generation(database).generation
    for number, state in enumerate(states, before + 1):
        publish(number, **_rows(*state))
        assert _refresh(settings, number) == "current"
        assert all(cached == asked for cached, asked in _documents(settings, number).values())
