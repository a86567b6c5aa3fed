"""The documentation page: all of the OpenAPI, and nothing that a browser would have to fetch or run."""

import re
from html.parser import HTMLParser

from litestar.testing import TestClient

from nexus_data.api.app import create_app


class Seen(HTMLParser):
    """Tags, ids and links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags, self.ids, self.links = set[str](), list[str](), set[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        self.ids += [str(given["id"])] if "id" in given else []
        self.links |= {str(given[name]) for name in ("href", "src") if name in given}


def test_the_page_shows_every_operation_and_needs_nothing_else(settings):
    with TestClient(create_app(settings)) as client:
        answer = client.get("/api/docs")
        schema = client.get("/schema/openapi.json").json()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    seen = Seen()
    seen.feed(answer.text)
    assert not seen.tags & {"script", "link", "img", "iframe"}
    assert len(seen.ids) == len(set(seen.ids))
    assert {link for link in seen.links if not link.startswith("#")} == {"/schema/openapi.json"}
    assert {link[1:] for link in seen.links if link.startswith("#")} <= set(seen.ids)
    operations = [
        (m, path) for path, methods in schema["paths"].items() for m in methods if m in ("get", "post", "put", "delete")
    ]
    assert len(re.findall(r'<section id="(?:get|post|put|delete|patch)-', answer.text)) == len(operations)
    for name in schema["components"]["schemas"]:
        assert f"schema-{name}" in seen.ids
