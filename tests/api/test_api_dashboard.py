"""The dashboard endpoint: what it says, to whom, of which generation, and from which store."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgspec
import redis
from litestar.testing import TestClient

from nexus_data import cache
from nexus_data.api.app import create_app
from nexus_data.api.documents import (
    CurrencyTotals,
    Dashboard,
    Milestones,
    NextDue,
    Operation,
    Project,
    RiskAlert,
)
from nexus_data.postgres.connect import connection
from nexus_data.settings import Settings
from tests.api.platform_rows import platform
from tests.canonical_rows import row

PATH = "/api/v3/projects/dashboard"


def _refresh(settings: Settings, generation: int) -> str:
    return cache.refresh(database_url=settings.postgres_url, redis_url=settings.redis_url, generation=generation)


def test_it_says_what_a_hand_would_reckon(client, publish, token):
    publish(1, **platform())
    answer = client.get(PATH, headers=token("ada"))
    found = msgspec.json.decode(answer.content, type=Dashboard)
    assert answer.status_code == 200
    assert (found.user_id, found.generation, found.published_at) == ("ada", 1, "2024-06-15T12:00:00.000000Z")
    assert found.totals == [
        CurrencyTotals(
            currency="EUR",
            budget="1000",
            planned="700",
            released="850.5",
            income="10",
            expenses="200.000000000000000001",
            net="-190.000000000000000001",
            utilisation="0.8505",
        ),
        CurrencyTotals(
            currency="USD", budget="0", planned="0", released="0", income="7", expenses="0", net="7", utilisation=None
        ),
    ]
    assert found.projects == [
        Project(
            project_id="p1",
            key="ROOF",
            name="Roof",
            status="open",
            status_category="todo",
            start_date="2024-01-01",
            end_date=None,
            currency="EUR",
            budget="1000",
            planned="700",
            released="850.5",
            income="0",
            expenses="200.000000000000000001",
            used="850.5",
            utilisation="0.8505",
            milestones=4,
            milestones_done=1,
            milestones_cancelled=0,
            milestones_late=1,
        )
    ]
    next_due = NextDue(milestone_id="m3", project_id="p1", name="Gutter", due_on="2024-07-01")
    assert found.milestones == Milestones(total=4, done=1, cancelled=0, late=1, next_due=next_due)
    assert [(one.date, one.amount, one.currency) for one in found.recent_operations] == [
        ("2024-04-03", "7", "USD"),
        ("2024-04-02", "10", "EUR"),
        ("2024-03-01", "200.000000000000000001", "EUR"),
    ]
    assert found.recent_operations[1] == Operation(
        operation_id=found.recent_operations[1].operation_id,
        date="2024-04-02",
        transact_time="2024-04-02T10:00:00.000000Z",
        type="income",
        category="dividend",
        amount="10",
        currency="EUR",
        side=None,
        symbol="ACME",
        milestone_id=None,
        description=None,
        source="bank",
    )
    assert found.risk_alerts == [
        RiskAlert(
            kind="budget_over_80_percent",
            project_id="p1",
            milestone_id=None,
            name="Roof",
            currency="EUR",
            budget="1000",
            used="850.5",
            utilisation="0.8505",
            due_on=None,
        ),
        RiskAlert(
            kind="milestone_late",
            project_id="p1",
            milestone_id="m2",
            name="Slates",
            currency=None,
            budget=None,
            used=None,
            utilisation=None,
            due_on="2024-05-01",
        ),
    ]
    assert (found.project_count, found.risk_alert_count) == (1, 2)


def test_another_users_data_cannot_be_had(client, publish, token, settings):
    publish(1, **platform())
    _refresh(settings, 1)
    for headers in (token("ada"), {**token("ada"), "X-User-Id": "bob"}):
        assert client.get(f"{PATH}?user_id=bob", headers=headers).status_code == 404
        assert client.get(f"{PATH}?user_ids=bob&user=bob", headers=headers).status_code == 400
        answer = client.get(PATH, headers=headers)
        assert answer.json()["user_id"] == "ada"
        assert "Bob" not in answer.text
        assert "1234" not in answer.text


def test_a_user_without_data_gets_an_empty_document(client, publish, token):
    publish(1, **platform())
    for user_id in ("stranger", "", "ada:run-1", "*", "{ada}", "ada,bob", "'; DROP TABLE users; --", "Zoë \U0001f600"):
        for _ in range(2):  # from Postgres, then from Redis
            answer = client.get(PATH, headers=token(user_id))
            expected = Dashboard(user_id=user_id, generation=1, published_at="2024-06-15T12:00:00.000000Z")
            assert msgspec.json.decode(answer.content, type=Dashboard) == expected


def test_before_the_first_publish_it_is_empty_and_of_generation_0(client, token):
    answer = client.get(PATH, headers=token("ada"))
    assert msgspec.json.decode(answer.content, type=Dashboard) == Dashboard(user_id="ada")
    assert (answer.status_code, answer.headers["X-Data-Generation"]) == (200, "0")


def test_before_the_first_migration_too(fresh_database, redis_url, home, token):
    with fresh_database("template0") as url:
        bare = Settings(home=home, postgres_url=url, redis_url=redis_url)
        with TestClient(create_app(bare)) as client:
            assert client.get(PATH, headers=token("ada")).headers["X-Data-Generation"] == "0"


def test_redis_and_postgres_say_the_same_and_which_of_them_it_was(client, publish, token, settings):
    publish(1, **platform())
    from_postgres = client.get(PATH, headers=token("ada"))
    assert _refresh(settings, 1) == "current"
    with TestClient(create_app(settings)) as another:  # a process that has answered nobody yet
        from_redis = another.get(PATH, headers=token("ada"))
    assert (from_postgres.headers["X-Served-From"], from_redis.headers["X-Served-From"]) == ("postgres", "redis")
    assert from_postgres.content == from_redis.content
    assert from_postgres.headers["ETag"] == from_redis.headers["ETag"]


def test_what_postgres_answered_is_kept_for_the_next(client, publish, token):
    publish(1, **platform())
    served = [client.get(PATH, headers=token("ada")).headers["X-Served-From"] for _ in range(3)]
    assert served == ["postgres", "memory", "memory"]
    near = client.app.state.stores.near
    assert ((near.counts.memory.hits, near.counts.memory.misses), near.counts.redis.misses) == ((2, 1), 1)
    assert len(near.memory) == 1


def test_the_generation_is_in_a_header_and_the_etag_is_strong(client, publish, token):
    publish(7, **platform())
    headers = client.get(PATH, headers=token("ada")).headers
    assert headers["X-Data-Generation"] == "7"
    assert headers["ETag"].startswith('"7-')
    assert "private" in headers["Cache-Control"]
    assert headers["Content-Type"] == "application/json"


def test_a_reader_who_holds_the_answer_gets_304(client, publish, token):
    publish(1, **platform())
    first = client.get(PATH, headers=token("ada"))
    etag = first.headers["ETag"]
    for held in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = client.get(PATH, headers={**token("ada"), "If-None-Match": held})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
        assert again.headers["X-Data-Generation"] == "1"
    for other in ('"other"', etag.strip('"'), ""):
        assert client.get(PATH, headers={**token("ada"), "If-None-Match": other}).status_code == 200


def test_one_users_etag_is_of_no_use_to_another(client, publish, token):
    publish(1, **platform())
    etag = client.get(PATH, headers=token("ada")).headers["ETag"]
    assert client.get(PATH, headers={**token("bob"), "If-None-Match": etag}).status_code == 200


def test_a_new_generation_is_seen_at_once_though_redis_holds_the_old_one(client, publish, token, settings):
    publish(1, **platform())
    _refresh(settings, 1)
    before = client.get(PATH, headers=token("ada"))
    publish(2, **platform(income="500"))
    after = client.get(PATH, headers={**token("ada"), "If-None-Match": before.headers["ETag"]})
    assert (before.headers["X-Served-From"], after.headers["X-Served-From"]) == ("redis", "postgres")
    assert (after.status_code, after.headers["X-Data-Generation"]) == (200, "2")
    assert after.headers["ETag"] != before.headers["ETag"]
    assert (after.json()["generation"], after.json()["totals"][0]["income"]) == (2, "500")


def test_a_new_generation_without_news_for_this_user_still_changes_the_etag(client, publish, token):
    publish(1, **platform())
    before = client.get(PATH, headers=token("ada")).headers["ETag"]
    publish(2, **platform())
    assert client.get(PATH, headers=token("ada")).headers["ETag"] != before


def test_another_database_that_counted_as_far_is_not_mistaken_for_this_one(client, publish, token, settings):
    """The same Redis, the same number of generations, other data."""
    publish(1, **platform())
    with redis.Redis.from_url(settings.redis_url) as client_of_redis:
        client_of_redis.set(cache.dashboard_key("ada", generation=1, run_id="run-of-another-database"), b"{}")
    answer = client.get(PATH, headers=token("ada"))
    assert (answer.headers["X-Served-From"], answer.json()["generation"]) == ("postgres", 1)


def test_the_url_may_be_spelled_for_sqlalchemy(publish, token, settings, home):
    publish(1, **platform())
    url = settings.postgres_url.replace("postgresql://", "postgresql+psycopg://")
    with TestClient(create_app(Settings(home=home, postgres_url=url, redis_url=settings.redis_url))) as client:
        assert client.get(PATH, headers=token("ada")).status_code == 200


def test_redis_down_means_slower_and_right(publish, token, settings, home, client):
    publish(1, **platform())
    right = client.get(PATH, headers=token("ada")).content
    alone = Settings(home=home, postgres_url=settings.postgres_url, redis_url=f"unix://{home}/nobody.sock")
    with TestClient(create_app(alone)) as without:
        answers = [without.get(PATH, headers=token("ada")) for _ in range(3)]
        assert without.get("/health/ready").json() == {"generation": 1, "redis": "down", "status": "ready"}
    assert [(a.status_code, a.headers["X-Served-From"], a.content) for a in answers] == [
        (200, layer, right) for layer in ("postgres", "memory", "memory")
    ]


def test_postgres_down_is_503_with_retry_after_even_if_redis_is_full(publish, token, settings, home):
    publish(1, **platform())
    _refresh(settings, 1)
    url = f"postgresql://nobody:hush@/nothing?host={home}"
    with TestClient(create_app(Settings(home=home, postgres_url=url, redis_url=settings.redis_url))) as client:
        for path in (PATH, "/health/ready"):
            answer = client.get(path, headers=token("ada"))
            assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
            assert int(answer.headers["Retry-After"]) > 0
            assert "hush" not in answer.text
        assert client.get("/health/live").json() == {"status": "alive"}


def test_ready_tells_the_generation(client, publish):
    assert client.get("/health/ready").json() == {"generation": 0, "redis": "up", "status": "ready"}
    publish(3, **platform())
    assert client.get("/health/ready").json() == {"generation": 3, "redis": "up", "status": "ready"}


def test_lists_are_bounded_and_say_how_many_there_are(client, publish, token):
    late = {"due_on": date(2024, 1, 1), "status_category": "todo", "project_id": "p0"}
    publish(
        1,
        users=[row("users", user_id="ada")],
        projects=[row("projects", project_id=f"p{n}", user_id="ada") for n in range(103)],
        project_milestones=[row("project_milestones", milestone_id=f"m{n}", **late) for n in range(53)],
        trading_operations=[_income(n) for n in range(30)],
    )
    found = msgspec.json.decode(client.get(PATH, headers=token("ada")).content, type=Dashboard)
    assert (found.project_count, len(found.projects)) == (103, 100)
    assert (found.risk_alert_count, len(found.risk_alerts)) == (53, 50)
    assert [one.amount for one in found.recent_operations] == [str(n) for n in range(29, 19, -1)]


def _income(number: int) -> dict[str, object]:
    """Three operations a day, over three months, the later the larger."""
    day = date(2024, 1, 1) + timedelta(days=10 * (number // 3))
    return row(
        "trading_operations",
        user_id="ada",
        date=day,
        transact_time=datetime(day.year, day.month, day.day, number % 3, tzinfo=UTC),
        type="income",
        currency="EUR",
        amount=Decimal(number),
    )


def test_no_answer_is_of_two_generations(publish, database_url, token, client):
    """While another session holds a publish back, readers see the old one whole; then the new one whole."""
    publish(1, **platform())
    with connection(database_url) as writer:
        writer.execute("UPDATE marts.daily_totals SET amount = 77 WHERE user_id = 'ada' AND currency = 'USD'")
        writer.execute("INSERT INTO generations VALUES (2, 'run-2', now(), '{}')")
        before = client.get(PATH, headers=token("ada")).json()
    after = client.get(PATH, headers=token("ada")).json()
    assert (before["generation"], before["totals"][1]["income"]) == (1, "7")
    assert (after["generation"], after["totals"][1]["income"]) == (2, "77")
