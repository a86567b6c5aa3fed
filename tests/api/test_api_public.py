"""What whoever stands between may keep: the documentation alone; and what a browser is told that came by HTTPS."""

import asyncio
import dataclasses

import httpx
import pytest

from nexus_data.api.app import create_app
from tests.api.platform_rows import platform

PUBLIC = ["/api/docs", "/schema/openapi.json"]
STRICT = "Strict-Transport-Security"


@pytest.mark.parametrize("path", PUBLIC)
def test_documentation_may_be_kept_by_all_and_is_checked_by_its_tag(client, path):
    first = client.get(path)
    assert (first.status_code, first.headers["Cache-Control"]) == (200, "public, max-age=300")
    etag = first.headers["ETag"]
    assert etag.startswith('"')
    again = client.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    assert again.headers["Cache-Control"] == "public, max-age=300"
    other = client.get(path, headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


def test_nothing_else_may(client, publish, token):
    publish(1, **platform())
    for path in ("/api/v3/projects/dashboard", "/api/v3/auth/me", "/health/live", "/schema/openapi.yaml", "/none"):
        assert "public" not in client.get(path, headers=token("ada")).headers["Cache-Control"]


@pytest.mark.parametrize(
    ("proxies", "proto", "told"),
    [
        ("127.0.0.1", "https", True),
        ("127.0.0.1", "http", False),
        ("10.0.0.0/8", "https", False),
        (None, "https", False),
    ],
)
def test_https_alone_is_asked_of_who_came_so_through_a_trusted_proxy(settings, proxies, proto, told):
    app = create_app(dataclasses.replace(settings, trusted_proxies=proxies or ""))

    async def ask(path: str, headers: dict[str, str]) -> httpx.Headers:
        transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 50000))
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            return (await client.get(path, headers=headers)).headers

    for path in ("/health/live", "/none"):
        assert (STRICT in asyncio.run(ask(path, {"X-Forwarded-Proto": proto}))) is told
        assert STRICT not in asyncio.run(ask(path, {}))
