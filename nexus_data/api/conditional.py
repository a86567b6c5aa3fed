"""An answer as an HTTP response: in the form that its reader accepts, and to be checked for change (RFC 9110)."""

import asyncio
from dataclasses import replace
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from nexus_data.api.accepting import best
from nexus_data.api.answer import JSON, Answer, entity_tag
from nexus_data.api.ready import Headers, Ready, answer_headers, holds
from nexus_data.api.tabular import MEDIA_TYPES, REPRESENTATIONS, Rows

_FORMS = [JSON, *REPRESENTATIONS]


class _Next(msgspec.Struct):
    next: str | None


def respond(request: Request[object, object, State], answer: Answer, *, more: Headers = ()) -> Response[bytes]:
    """200 with the document, or 304 when the client already holds it; private either way, and checked on each use.

    more: further headers, in lower case.
    """
    if answer.subject is not None and not more:
        request.app.state.short_way.learn(request.scope, answer.subject)
    etag = answer.etag or entity_tag(answer.document, generation=answer.generation)
    headers = [*answer_headers(replace(answer, etag=etag)), *more]
    held = holds(request.headers.get("If-None-Match"), etag)
    request.app.state.stores.near.counts.client.add(held)
    return Ready(304, headers, b"") if held else Ready(200, headers, answer.document)


async def respond_rows(request: Request[object, object, State], answer: Answer, rows: Rows) -> Response[bytes]:
    """The same as JSON, CSV or Arrow, whichever the reader accepts; of the latter two, `Link` has the next page."""
    form = accepted(request)
    if form == JSON:
        return respond(request, answer)
    document = await asyncio.to_thread(REPRESENTATIONS[form], answer.document, rows)
    cursor = msgspec.json.decode(answer.document, type=_Next).next
    link = f'<{request.url.path}?{_with_cursor(request, cursor)}>; rel="next"'.encode() if cursor else b""
    more = ((b"link", link),) if link else ()
    kind = MEDIA_TYPES.get(form, form)
    return respond(request, replace(answer, document=document, media_type=kind, etag="", subject=None), more=more)


def accepted(request: Request[object, object, State]) -> str:
    """The form that the request accepts first; 406 when it accepts none of them."""
    asked = ", ".join(request.headers.getall("Accept", []))
    form = best(asked, _FORMS) if asked.strip() else JSON
    if form is None:
        raise HTTPException(f"this is to be had as {', '.join(_FORMS[:-1])} or {_FORMS[-1]}", status_code=406)
    return form


def _with_cursor(request: Request[object, object, State], cursor: str) -> str:
    kept = {name: text for name, text in request.query_params.items() if name not in ("cursor", "offset")}
    return urlencode({**kept, "cursor": cursor})
