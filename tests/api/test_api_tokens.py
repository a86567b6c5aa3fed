"""Who is let in: tokens, their key, and what is said to whoever is not."""

import stat
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import jwt
import msgspec
import pytest

from nexus_data.api.bearer import Verifier
from nexus_data.api.documents import Problem
from nexus_data.errors import SettingError, TokenError
from nexus_data.settings import Settings
from nexus_data.tokens import SigningKeys, issue, signing_key, verify

PATH = "/api/v3/projects/dashboard"
HOUR = timedelta(hours=1)


@pytest.fixture
def key(settings: Settings) -> bytes:
    return signing_key(settings)


def _claims(**changes):
    now = datetime.now(UTC)
    claims = {"sub": "ada", "iss": "nexus-data", "aud": "nexus-api", "iat": now, "exp": now + HOUR}
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


def test_a_token_speaks_for_the_one_it_was_issued_to(settings, key):
    assert verify(issue(settings, "ada", lifetime=HOUR), key=key).user_id == "ada"


def test_no_token_is_401_and_says_what_to_send(client):
    answer = client.get(PATH)
    problem = msgspec.json.decode(answer.content, type=Problem)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (problem.status, problem.title) == (401, "Unauthorized")
    assert "Authorization: Bearer" in problem.detail


def test_what_is_no_token_is_401(client):
    for header in ("", "Bearer", "Bearer ", "Basic YWRhOmFkYQ==", "Bearer nonsense", "Bearer a.b.c"):
        assert client.get(PATH, headers={"Authorization": header}).status_code == 401


def test_an_expired_token_is_401_and_says_so(client, token):
    answer = client.get(PATH, headers=token("ada", timedelta(seconds=-1)))
    assert (answer.status_code, "expired" in answer.json()["detail"]) == (401, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"},
        {"aud": "another-api"},
        {"exp": None},
        {"sub": None},
        {"iss": None},
        {"aud": None},
        {"sub": 7},
        {"nbf": datetime.now(UTC) + 99 * HOUR},
    ],
)
def test_a_token_with_other_claims_is_not_accepted(key, changes):
    with pytest.raises(TokenError, match="not issued by this installation"):
        verify(jwt.encode(_claims(**changes), key, algorithm="HS256"), key=key)


def test_a_token_of_another_key_or_of_none_is_401(client, key):
    other = jwt.encode(_claims(), b"k" * 32, algorithm="HS256")
    none = jwt.encode(_claims(), None, algorithm="none")
    larger = jwt.encode(_claims(), key * 2, algorithm="HS512")
    ours = jwt.encode(_claims(), key, algorithm="HS256")
    head, claims, signature = ours.split(".")
    swapped = f"{head}.{jwt.encode(_claims(sub='bob'), key, algorithm='HS256').split('.')[1]}.{signature}"
    assert verify(ours, key=key).user_id == "ada"
    for token in (other, none, larger, swapped, f"{head}.{claims}."):
        assert client.get(PATH, headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_a_remembered_token_still_expires(key):
    # On a slow machine it may expire before it is remembered: then another one that lives longer.
    for seconds in (2, 8, 32):
        token = jwt.encode(_claims(exp=datetime.now(UTC) + timedelta(seconds=seconds)), key, algorithm="HS256")
        verifier = Verifier(SigningKeys(key))
        with suppress(TokenError):
            known = verifier.verify(token)
            again = verifier.verify(token)
            break
    assert again is known
    while datetime.now(UTC) < known.expires_at:
        time.sleep(0.05)
    with pytest.raises(TokenError, match="expired"):
        verifier.verify(token)


def test_the_key_is_made_once_and_for_the_owner_alone(settings):
    first = signing_key(settings)
    path = settings.home / "secret.key"
    assert len(first) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert signing_key(settings) == first
    assert [entry.name for entry in settings.home.iterdir()] == ["secret.key"]


def test_makers_at_once_all_get_the_same_key(settings):
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: signing_key(settings), range(32)))
    assert len(set(keys)) == 1


def test_a_key_that_others_can_read_is_refused(settings):
    signing_key(settings)
    (settings.home / "secret.key").chmod(0o644)
    with pytest.raises(SettingError, match=r"secret\.key"):
        signing_key(settings)


def test_a_key_that_is_none_is_refused(settings):
    path = settings.home / "secret.key"
    path.touch(mode=0o600)
    with pytest.raises(SettingError, match="0 bytes"):
        signing_key(settings)


def test_a_home_that_cannot_hold_a_key_is_said(settings):
    (settings.home / "file").touch()
    with pytest.raises(SettingError, match=r"secret\.key"):
        signing_key(Settings(home=settings.home / "file"))
