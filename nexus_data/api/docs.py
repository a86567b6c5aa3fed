"""The route /api/docs: the OpenAPI as a page for people, HTML and a style sheet alone: no script, nothing fetched."""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader
from litestar import Request, Response, get
from litestar.datastructures import State
from markupsafe import Markup

_HERE = Path(__file__).parent
_METHODS = ("get", "post", "put", "patch", "delete")
_PREFIX = "/api/v3"
Document = dict[str, Any]


@get("/api/docs", include_in_schema=False, opt={"public": True}, sync_to_thread=True)
def docs(request: Request[object, object, State]) -> Response[str]:
    """The page; the same for everybody, since what it says is no secret."""
    kept: str | None = request.app.state.get("docs")
    if kept is None:
        kept = request.app.state.docs = page(request.app.openapi_schema.to_schema())
    policy = f"default-src 'none'; style-src 'sha256-{_style_hash()}'; base-uri 'none'; frame-ancestors 'none'"
    return Response(kept, media_type="text/html", headers={"Content-Security-Policy": policy})


def page(schema: Document) -> str:
    """The page of an OpenAPI document (3.1, as JSON)."""
    schemas = schema.get("components", {}).get("schemas", {})
    environment = Environment(loader=FileSystemLoader(_HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = environment.get_template("docs.html.j2")
    return template.render(
        info=schema["info"],
        groups=_groups(schema),
        schemas=dict(sorted(schemas.items())),
        style=Markup(_style()),  # noqa: S704 - our own style sheet
        type_of=_type_of,
    )


@cache
def _style() -> str:
    return (_HERE / "docs.css").read_text(encoding="utf-8")


def _style_hash() -> str:
    return base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()


def _groups(schema: Document) -> dict[str, list[Document]]:
    """Operations by their first tag, both in the order of the document."""
    groups: dict[str, list[Document]] = {}
    for path, methods in schema["paths"].items():
        for method in _METHODS:
            if operation := methods.get(method):
                tag = (operation.get("tags") or ["other"])[0]
                groups.setdefault(tag, []).append(_operation(path, method, operation))
    return groups


def _operation(path: str, method: str, given: Document) -> Document:
    body = given.get("requestBody", {})
    answers = [(status, {"content": {}, **answer}) for status, answer in sorted(given["responses"].items())]
    return {
        "id": f"{method}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}",
        "path": path,
        "short": path.removeprefix(_PREFIX),
        "method": method,
        "text": given.get("description") or given.get("summary", ""),
        "bearer": any("bearer" in one for one in given.get("security", [])),
        "parameters": given.get("parameters", []),
        "bodies": body.get("content", {}),
        "body_text": body.get("description", ""),
        "answers": answers,
        "examples": list(_examples(body.get("content", {}), "the body"))
        + [one for status, answer in answers for one in _examples(answer["content"], f"{status}")],
    }


def _examples(content: Document, what: str) -> list[tuple[str, str]]:
    return [
        (f"{what}: {example.get('summary') or name}", _indented(example.get("value")))
        for body in content.values()
        for name, example in (body.get("examples") or {}).items()
    ]


def _indented(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _type_of(schema: Document | None) -> Markup:
    """How a person would call it; a document of its own is a link to it."""
    if not schema:
        return Markup("")
    if name := schema.get("$ref", "").rpartition("/")[2]:
        return Markup('<a href="#schema-{0}">{1}</a>').format(name, name.rpartition("_")[2] or name)
    if several := schema.get("oneOf") or schema.get("anyOf"):
        return Markup(" or ").join(_type_of(one) for one in several)
    if values := schema.get("enum"):
        return Markup(", ").join(Markup("<code>{}</code>").format("null" if one is None else one) for one in values)
    kinds = schema.get("type", "anything")
    told = " or ".join(kinds) if isinstance(kinds, list) else kinds
    if told == "array":
        return Markup("list of {}").format(_type_of(schema.get("items")))
    return Markup("{}").format(f"{told} ({schema['format']})" if "format" in schema else told)
