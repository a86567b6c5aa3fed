"""Signing in, going on and out: passwords, sessions, refresh tokens that are taken once, and roles as granted."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import jwt
import pytest
from argon2 import PasswordHasher

from nexus_data import people
from nexus_data.errors import PasswordError, PersonError
from nexus_data.postgres.connect import connection
from tests.api.platform_rows import platform
from tests.canonical_rows import row

LOGIN = "/api/v3/auth/login"
REFRESH = "/api/v3/auth/refresh"
LOGOUT = "/api/v3/auth/logout"
ME = "/api/v3/auth/me"
PASSWORD = "correct horse battery"  # noqa: S105


@pytest.fixture
def published(publish, settings):
    """Ada, who signs in; Bob, who cannot; Eve, whose account her files call suspended."""
    users = [
        row("users", user_id="ada", email="Ada@Example.org", display_name="Ada", primary_pov_role="judge", status="ok"),
        row("users", user_id="bob", email="bob@example.org", status="ok"),
        row("users", user_id="eve", email="eve@example.org", status="Suspended"),
    ]
    publish(1, **{**platform(), "users": users})
    people.set_password(settings.postgres_url, "ada", PASSWORD)
    people.set_password(settings.postgres_url, "eve", PASSWORD)


def _sign_in(client, email="ada@example.org", password=PASSWORD):
    return client.post(LOGIN, json={"email": email, "password": password})


def _bearer(tokens):
    return {"Authorization": f"Bearer {tokens['access_token']}"}


@pytest.mark.usefixtures("published")
def test_who_signs_in_is_told_who_it_is(client):
    answer = _sign_in(client)
    tokens = answer.json()
    assert (answer.status_code, answer.headers["Cache-Control"], tokens["token_type"]) == (200, "no-store", "Bearer")
    assert 0 < tokens["expires_in"] <= 900 < tokens["refresh_expires_in"]
    told = client.get(ME, headers=_bearer(tokens)).json()
    expected = {"user_id": "ada", "role": None, "scope": "own", "email": "Ada@Example.org", "display_name": "Ada"}
    assert told == {**expected, "primary_pov_role": "judge"}
    assert client.get("/api/v3/projects/dashboard", headers=_bearer(tokens)).json()["user_id"] == "ada"


@pytest.mark.usefixtures("published")
def test_whatever_is_wrong_the_refusal_is_the_same(client):
    wrong = [
        ("ada@example.org", PASSWORD + "!"),
        ("bob@example.org", PASSWORD),
        ("eve@example.org", PASSWORD),
        ("nobody@example.org", PASSWORD),
        ("' OR 1=1 --", PASSWORD),
        ("ada@example.org\x00", PASSWORD),
        ("\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace"), PASSWORD),
    ]
    answers = [_sign_in(client, *one) for one in wrong]
    assert {(one.status_code, one.text) for one in answers} == {(401, answers[0].text)}
    assert answers[0].headers["Content-Type"] == "application/problem+json"


@pytest.mark.usefixtures("published")
def test_a_file_proposes_a_role_and_a_person_grants_it(client, settings):
    assert _sign_in(client).status_code == 200
    people.grant(settings.postgres_url, "ada@example.ORG", role="auditor")
    tokens = _sign_in(client).json()
    told = client.get(ME, headers=_bearer(tokens)).json()
    assert (told["role"], told["scope"], told["primary_pov_role"]) == ("auditor", "all", "judge")
    assert client.get("/api/v3/projects/dashboard?user_id=bob", headers=_bearer(tokens)).status_code == 200


@pytest.mark.usefixtures("published")
def test_a_session_goes_on_by_tokens_that_are_taken_once(client):
    first = _sign_in(client).json()
    second = client.post(REFRESH, json={"refresh_token": first["refresh_token"]}).json()
    third = client.post(REFRESH, json={"refresh_token": second["refresh_token"]})
    assert third.status_code == 200
    assert len({one["refresh_token"] for one in (first, second, third.json())}) == 3
    assert client.get(ME, headers=_bearer(third.json())).status_code == 200
    # The first comes back: somebody else has it. The whole session ends, its access tokens too.
    assert client.post(REFRESH, json={"refresh_token": first["refresh_token"]}).status_code == 401
    assert client.post(REFRESH, json={"refresh_token": third.json()["refresh_token"]}).status_code == 401
    assert client.get(ME, headers=_bearer(third.json())).status_code == 401
    assert _sign_in(client).status_code == 200


@pytest.mark.usefixtures("published")
def test_of_many_who_refresh_at_once_at_most_one_gets_on(client):
    token = _sign_in(client).json()["refresh_token"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.post(REFRESH, json={"refresh_token": token}).status_code, range(16)))
    assert (answers.count(200), answers.count(401)) == (1, 15)


@pytest.mark.usefixtures("published")
def test_a_session_ends_by_either_token(client):
    for by_refresh_token in (True, False):
        tokens = _sign_in(client).json()
        body = {"refresh_token": tokens["refresh_token"]} if by_refresh_token else None
        done = client.post(LOGOUT, json=body) if body else client.post(LOGOUT, headers=_bearer(tokens))
        assert (done.status_code, done.content) == (204, b"")
        assert client.post(REFRESH, json={"refresh_token": tokens["refresh_token"]}).status_code == 401
        assert client.get(ME, headers=_bearer(tokens)).status_code == 401
    assert client.post(LOGOUT).status_code == 401
    assert client.post(LOGOUT, json={"refresh_token": "nobody's"}).status_code == 204


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("act", ["sign_out", "grant", "set_password", "remove_password"])
def test_what_a_person_decides_ends_the_sessions_within_seconds(client, settings, act):
    tokens = _sign_in(client).json()
    assert client.get(ME, headers=_bearer(tokens)).status_code == 200
    further = {"grant": {"role": "judge"}, "set_password": {"password": PASSWORD + "2"}}.get(act, {})
    getattr(people, act)(settings.postgres_url, "ada", **further)
    until = time.monotonic() + 180
    while client.get(ME, headers=_bearer(tokens)).status_code == 200 and time.monotonic() < until:
        time.sleep(0.1)
    assert client.get(ME, headers=_bearer(tokens)).json()["detail"].startswith("the session of this token has ended")
    assert client.post(REFRESH, json={"refresh_token": tokens["refresh_token"]}).status_code == 401


@pytest.mark.usefixtures("published")
def test_a_closed_account_goes_on_no_more(client, settings):
    tokens = _sign_in(client).json()
    with connection(settings.postgres_url) as database:
        database.execute("UPDATE users SET status = 'disabled' WHERE user_id = 'ada'")
    assert client.post(REFRESH, json={"refresh_token": tokens["refresh_token"]}).status_code == 401


@pytest.mark.usefixtures("published")
def test_an_expired_refresh_token_is_not_taken_and_forgotten_later(client, settings):
    token = _sign_in(client).json()["refresh_token"]
    with connection(settings.postgres_url) as database:
        database.execute("UPDATE refresh_tokens SET expires_at = now() - interval '1 second'")
    assert client.post(REFRESH, json={"refresh_token": token}).status_code == 401
    assert _sign_in(client).status_code == 200
    with connection(settings.postgres_url) as database:
        assert database.execute("SELECT count(*) FROM refresh_tokens").fetchone() == (1,)


@pytest.mark.usefixtures("published")
def test_neither_password_nor_token_is_kept_or_logged(client, settings, caplog):
    with caplog.at_level("DEBUG"):
        tokens = _sign_in(client).json()
        _sign_in(client, PASSWORD, "typed in the wrong field")
        client.post(REFRESH, json={"refresh_token": tokens["refresh_token"]})
        told = client.post(LOGIN, json={"email": PASSWORD, "password": ["typed in the wrong field"]}).text
    with connection(settings.postgres_url) as database:
        kept = str(database.execute("SELECT * FROM refresh_tokens, credentials, users").fetchall())
    for secret in (PASSWORD, "typed in the wrong field", tokens["refresh_token"], tokens["access_token"]):
        assert secret not in caplog.text + kept + told
    assert "$argon2id$" in kept


def test_what_people_decide_is_refused_with_the_reason(settings, publish):
    publish(1, users=[row("users", user_id="ada", email="a@b.c"), row("users", user_id="A@B.C", email=None)])
    url = settings.postgres_url
    with pytest.raises(PersonError, match="no user with the email or id 'zoe'"):
        people.person(url, "zoe")
    with pytest.raises(PersonError, match="id of one user and the email of another"):
        people.grant(url, "A@B.C", role="auditor")
    with pytest.raises(PersonError, match="no role 'root'; the roles are financial_examiner"):
        people.grant(url, "ada", role="root")
    with pytest.raises(PasswordError, match="12 to 256 characters, this one has 5"):
        people.set_password(url, "ada", "short")
    assert people.people(url) == []
    assert [one.user_id for one in people.people(url, decided=False)] == ["A@B.C", "ada"]


def test_before_the_first_publish_nobody_signs_in(client):
    assert _sign_in(client).status_code == 401


@pytest.mark.usefixtures("published")
def test_an_access_token_lives_minutes(client):
    claims = jwt.decode(_sign_in(client).json()["access_token"], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] <= 900
    assert datetime.fromtimestamp(claims["iat"], UTC) <= datetime.now(UTC)


def test_a_hash_by_old_parameters_is_renewed_by_who_signs_in(client, published, settings):  # noqa: ARG001
    old = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)

    def kept():
        with connection(settings.postgres_url) as database:
            return database.execute("SELECT password_hash FROM credentials WHERE user_id = 'ada'").fetchone()[0]

    with connection(settings.postgres_url) as database:
        database.execute("UPDATE credentials SET password_hash = %s WHERE user_id = 'ada'", [old])
    assert _sign_in(client, password=PASSWORD[::-1]).status_code == 401
    assert kept() == old
    assert _sign_in(client).status_code == 200
    assert "m=19456,t=2,p=1" in (new := kept())
    assert (_sign_in(client).status_code, kept()) == (200, new)
