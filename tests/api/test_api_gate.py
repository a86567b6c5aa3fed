"""What stands before every route: a rule for each, tokens, pace, limits of size and time, headers, refusals."""

import dataclasses
import logging
import re

import httpx
import msgspec
import psycopg
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.testing import TestClient

from nexus_data.api.access import WIDENS, Scope
from nexus_data.api.addresses import nearest, networks
from nexus_data.api.app import create_app
from nexus_data.api.documents import Problem
from nexus_data.api.parameters import written
from nexus_data.api.secure_headers import ALWAYS
from nexus_data.errors import SettingError
from nexus_data.postgres.connect import connection
from nexus_data.tables.users import ROLES
from tests.api.platform_rows import platform
from tests.postgres.waiting import until

PUBLIC = {
    "/api/v3/auth/login": "a person has no token yet",
    "/api/v3/auth/refresh": "the refresh token is in the body",
    "/api/v3/auth/logout": "the refresh token may be in the body",
    "/health/live": "for the one who restarts",
    "/health/ready": "for the one who distributes",
    "/metrics": "has a token of its own, or is for this machine",
    "/api/docs": "says what the API takes and answers, nothing of anybody",
    "/schema": "says what there is, and nothing of anybody",
}
"""The routes that nobody's token opens, each with its reason. Any other one must refuse who has none."""

OF_THE_BEARER = {
    "GET /api/v3/auth/me": "says who the bearer is",
    "GET /api/v3/data/quality-metrics/{source}": "of everybody's records, for who may see everybody",
    "GET /api/v3/events": "of all that the bearer may see",
    "GET /api/v3/frenly-ai/tasks/{task_id}": "whose it is, the task says; then the same question",
    "GET /api/v3/reports/{report_id}": "whose it is, the report says; then the same question",
    "POST /api/v3/batch": "each read in it asks for itself",
    "POST /api/v3/data/standardize": "keeps nothing and reads nothing that is kept",
    "POST /api/v3/frenly-ai/tasks": "made for the bearer",
    "POST /api/v3/frenly-ai/tasks/{task_id}/cancel": "the bearer's own alone",
    "POST /api/v3/frenly-ai/uploads": "kept for the bearer",
}
"""The routes that take no user_id, each with its reason. Any other one must refuse who may not see that user."""

NEEDED = {"mart": "daily_totals", "column": "amount", "id": "p2", "type": "expense"}
FILLED = {
    "path": "openapi.json",
    "source": "bank",
    "project_id": "p2",
    "operation_id": "0" * 32,
    "task_id": "t",
    "table": "projects",
    "name": "x.csv",
    "report_id": "00000000-0000-0000-0000-000000000000",
}


def _routes(app: Litestar) -> list[tuple[str, str, HTTPRouteHandler]]:
    """Path template, method and handler of every HTTP route there is."""
    return sorted(
        (
            (route.path_format if hasattr(route, "path_format") else route.path, method, handler)
            for route in app.routes
            for handler in getattr(route, "route_handlers", [])
            if isinstance(handler, HTTPRouteHandler)
            for method in handler.http_methods
            if method not in ("OPTIONS", "HEAD")
        ),
        key=lambda one: one[:2],
    )


def _filled(path: str) -> str:
    for name, value in FILLED.items():
        path = re.sub(rf"{{{name}(:str)?}}", value, path)
    assert "{" not in path, f"say in FILLED how to fill {path}"
    return path


def _is_public(path: str) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in PUBLIC)


def _is_stream(handler: HTTPRouteHandler) -> bool:
    """A stream has no end to wait for; whose events it gives is tested with them."""
    return any(one.media_type == "text/event-stream" for one in (handler.responses or {}).values())


def test_nobody_gets_past_any_route_without_a_token(app, client):
    assert {path for path, _, handler in _routes(app) if handler.opt.get("public")} <= set(PUBLIC)
    for path, method, _ in _routes(app):
        answer = client.request(method, _filled(path))
        if _is_public(path):
            assert answer.status_code in (200, 204, 400, 401, 403, 405), path
        else:
            problem = msgspec.json.decode(answer.content, type=Problem)
            assert (answer.status_code, problem.status) == (401, 401), path


def test_every_route_asks_whether_the_viewer_may_see_the_user(app, client, publish, token):
    publish(1, **platform())
    for path, method, handler in _routes(app):
        if _is_public(path) or f"{method} {path}" in OF_THE_BEARER:
            continue
        assert (method, _is_stream(handler)) == ("GET", False), f"say in OF_THE_BEARER whose data {method} {path} is of"
        for role in (None, *ROLES):
            sees = WIDENS.get(role, Scope.OWN) is Scope.ALL
            anything = handler.opt.get("any_parameter")
            more = {name: text for name, text in NEEDED.items() if anything or name in written(handler).values()}
            answer = client.request(
                method, _filled(path), params={"user_id": "bob", **more}, headers=token("ada", role=role)
            )
            refusal = "there is no such user whose data you may see"
            assert answer.status_code < 500, (path, role, answer.text)
            assert (refusal in answer.text) != sees, (path, role, answer.text)
            assert sees or answer.status_code == 404, (path, role, answer.text)


def test_every_kind_of_refusal_is_a_problem_document_with_secure_headers(client, token):
    mine = token("ada")
    asked = {
        404: client.get("/api/v3/nothing"),
        405: client.delete("/api/v3/auth/me", headers=mine),
        400: client.get("/api/v3/trading-operations?limit=many", headers=mine),
        413: client.post("/api/v3/auth/login", content=b'{"email":"' + b"x" * 2_000_000),
        401: client.get("/api/v3/auth/me"),
    }
    for status, answer in asked.items():
        problem = msgspec.json.decode(answer.content, type=Problem)
        assert (answer.status_code, problem.status) == (status, status), answer.text
        assert answer.headers["Content-Type"] == "application/problem+json"
        for name, value in ALWAYS:
            assert answer.headers[name.decode()] == value.decode(), (status, name)
    assert "limit" in asked[400].json()["detail"]
    for body, kind in ((b"{", "application/json"), (b"\xff\xfe", "application/json"), (b"a=b", "text/plain")):
        answer = client.post("/api/v3/auth/login", content=body, headers={"Content-Type": kind})
        assert answer.status_code in (400, 415), answer.text
        assert msgspec.json.decode(answer.content, type=Problem).status == answer.status_code


def test_who_asks_too_often_is_told_when_to_ask_again(settings, token):
    with TestClient(create_app(dataclasses.replace(settings, rate_limit=1))) as client:
        late = _until_refused(client, token("ada"), served=200)
        others = client.get("/api/v3/auth/me", headers=token("bob"))
        _until_refused(client, {}, served=401)
    assert 1 <= int(late.headers["Retry-After"]) <= 8
    assert others.status_code == 200


def _until_refused(client: TestClient[Litestar], headers: dict[str, str], *, served: int) -> httpx.Response:
    """The first answer that is told to come again; a machine that answers once a second would never be told so."""
    answers = [client.get("/api/v3/auth/me", headers=headers)]
    while answers[-1].status_code == served and len(answers) < 100:
        answers.append(client.get("/api/v3/auth/me", headers=headers))
    assert [one.status_code for one in answers] == [served] * (len(answers) - 1) + [429]
    return answers[-1]


def test_an_answer_that_does_not_come_in_time_is_given_up(settings, token, database_url):
    quick = dataclasses.replace(settings, request_seconds=1.0)
    with TestClient(create_app(quick)) as client, psycopg.connect(database_url) as other:
        other.execute("LOCK TABLE generations IN ACCESS EXCLUSIVE MODE")
        answer = client.get("/api/v3/projects/dashboard", headers=token("ada"))
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        other.rollback()
        until(lambda: client.get("/api/v3/projects/dashboard", headers=token("ada")).status_code == 200)


def test_only_trusted_proxies_say_where_a_request_comes_from():
    trusted = networks("10.0.0.0/8, ::1")
    assert nearest("1.2.3.4", ["9.9.9.9"], trusted) == "1.2.3.4"
    assert nearest("10.1.1.1", ["9.9.9.9", "5.6.7.8"], trusted) == "5.6.7.8"
    assert nearest("10.1.1.1", ["9.9.9.9", "5.6.7.8", " 10.2.2.2"], trusted) == "5.6.7.8"
    assert nearest("::ffff:10.1.1.1", ["5.6.7.8"], trusted) == "5.6.7.8"
    assert nearest("10.1.1.1", ["nonsense"], trusted) == "nonsense"
    assert nearest("10.1.1.1", ["5.6.7.8"], ()) == "10.1.1.1"
    with pytest.raises(SettingError, match="NEXUS_TRUSTED_PROXIES"):
        networks("everybody")


def test_sign_ins_are_throttled_by_account_known_or_not(client, publish):
    publish(1, **platform())
    for email in ("nobody@example.org", "somebody@example.org"):
        statuses = [_wrong(client, email).status_code for _ in range(12)]
        assert statuses == [401] * 10 + [429] * 2
    late = _wrong(client, "Nobody@Example.org")
    assert (late.status_code, 1 <= int(late.headers["Retry-After"]) <= 300) == (429, True)


def test_sign_ins_are_throttled_while_redis_is_away(settings, publish):
    publish(1, **platform())
    away = dataclasses.replace(settings, redis_url=f"unix://{settings.home}/nobody.sock")
    with TestClient(create_app(away)) as client:
        assert [_wrong(client, "a@b.c").status_code for _ in range(12)] == [401] * 10 + [429] * 2


def _wrong(client: TestClient[Litestar], email: str):
    return client.post("/api/v3/auth/login", json={"email": email, "password": "wrong"})


INJECTED = (
    "' OR '1'='1",
    "'; DROP TABLE users; --",
    "\\'; SELECT pg_sleep(9); --",
    "%s %(user_id)s {0} %",
    "$1",
    "x\r\nSet-Cookie: a=b",
    "\u0000",
    "\u2028\U0001f600",
    "../../etc/passwd",
    "a" * 4000,
    "NaN",
    "9" * 400,
)


def test_nothing_that_is_sent_is_taken_for_a_statement_or_a_header(app, client, publish, token, database_url, caplog):
    publish(1, **platform())
    mine, names = token("ada", role="auditor"), ("user_id", "symbol", "from", "cursor", "mart", "id", "min_amount")
    with caplog.at_level(logging.ERROR):
        for path, method, handler in _routes(app):
            if _is_public(path) or method != "GET" or _is_stream(handler):
                continue
            for text in INJECTED:
                shown = client.get(_filled(path), params=dict.fromkeys(names, text), headers=mine)
                placed = client.get("/".join([*_filled(path).split("/")[:4], "x"]), headers=mine)
                assert max(shown.status_code, placed.status_code) < 500, (path, text, shown.text)
                assert "set-cookie" not in shown.headers
    for text in INJECTED:
        header = b" ".join(re.split(rb"[\r\n\x00]+", text.encode(errors="ignore")))
        own = {name.encode(): value.encode() for name, value in mine.items()}
        forged = {**own, b"If-None-Match": header, b"Accept": header, b"X-Forwarded-For": header}
        assert client.get("/api/v3/projects/dashboard", headers=forged).status_code in (200, 304, 406)
        assert client.get("/api/v3/projects/dashboard", headers={b"Authorization": header}).status_code == 401
        assert _wrong(client, text).status_code in (400, 401, 429)
    with connection(database_url) as database:
        assert database.execute("SELECT count(*) FROM users").fetchone() == (2,)
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]
