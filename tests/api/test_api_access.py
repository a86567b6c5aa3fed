"""Who sees whose data: the table of roles, assignments, and what is said to whoever may not."""

import itertools
from datetime import UTC, datetime

import pytest

from nexus_data.api.access import WIDENS, Scope
from nexus_data.postgres.connect import connection
from nexus_data.tables.users import ROLES
from tests.api.conftest import insert
from tests.api.platform_rows import platform

READS = (
    "/api/v3/projects/dashboard",
    "/api/v3/trading-operations",
    "/api/v3/provenance?mart=daily_totals&column=amount&type=expense&currency=EUR",
    "/api/v3/provenance/projects?id=p2",
)


@pytest.fixture
def published(publish, settings):
    """Ada and Bob; an examiner is assigned to Bob."""
    publish(1, **platform())
    with connection(settings.postgres_url) as database:
        now = datetime.now(UTC)
        insert(database, "assignments", [{"user_id": "eve", "subject_user_id": "bob", "assigned_at": now}])


def _ask(client, path, headers, user_id):
    chosen = f"{'&' if '?' in path else '?'}user_id={user_id}" if user_id else ""
    return client.get(path + chosen, headers=headers)


def test_every_role_widens_something_declared():
    assert set(WIDENS) == set(ROLES)


@pytest.mark.usefixtures("published")
def test_a_role_sees_what_its_scope_says(client, token):
    for role, path in itertools.product((None, *ROLES), READS):
        scope = WIDENS.get(role, Scope.OWN)
        sees = {"ada": scope is Scope.ALL, "eve": scope in (Scope.ALL, Scope.ASSIGNED), "bob": True}
        found = {reader: _ask(client, path, token(reader, role=role), "bob").status_code for reader in sees}
        assert found == {reader: 200 if may else 404 for reader, may in sees.items()}, (role, path)


@pytest.mark.usefixtures("published")
def test_an_unknown_user_and_a_forbidden_one_are_refused_alike(client, token):
    for path in READS:
        answers = [_ask(client, path, token("ada"), user_id) for user_id in ("bob", "nobody at all", "x" * 600)]
        assert {(one.status_code, one.text) for one in answers} == {(404, answers[0].text)}
    assert _ask(client, READS[0], token("ada", role="auditor"), "nobody at all").status_code == 404


@pytest.mark.usefixtures("published")
def test_a_role_that_is_none_widens_nothing(client, token):
    assert _ask(client, READS[0], token("ada", role="root"), "bob").status_code == 404


@pytest.mark.usefixtures("published")
def test_another_user_s_dashboard_is_theirs(client, token):
    mine = _ask(client, READS[0], token("eve", role="judge"), None).json()
    theirs = _ask(client, READS[0], token("eve", role="judge"), "bob").json()
    assert (mine["user_id"], theirs["user_id"], theirs["projects"][0]["name"]) == ("eve", "bob", "Bob's secret")


def test_before_the_first_publish_nobody_else_is_seen(client, token):
    assert _ask(client, READS[0], token("ada", role="auditor"), "bob").status_code == 404
