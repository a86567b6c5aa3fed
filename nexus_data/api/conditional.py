"""An answer as an HTTP response that its reader can check for change (RFC 9110: ETag, If-None-Match)."""

import re

from litestar import Request, Response
from litestar.datastructures import State

from nexus_data.api.answer import Answer, entity_tag

_TAG = re.compile(r'"[^"]*"')


def respond(request: Request[object, object, State], answer: Answer) -> Response[bytes]:
    """200 with the document, or 304 when the client already holds it; private either way, and checked on each use."""
    etag = answer.etag or entity_tag(answer.document, generation=answer.generation)
    headers = {
        "ETag": etag,
        "X-Data-Generation": str(answer.generation),
        "X-Served-From": answer.served_from,
        "Cache-Control": "private, no-cache",
        "Vary": "Accept, Authorization",
    }
    held = _holds(request.headers.get("If-None-Match", ""), etag)
    request.app.state.stores.near.counts.client.add(held)
    if held:
        return Response(b"", status_code=304, headers=headers, media_type=answer.media_type)
    return Response(answer.document, status_code=200, headers=headers, media_type=answer.media_type)


def _holds(if_none_match: str, etag: str) -> bool:
    return if_none_match.strip() == "*" or etag in _TAG.findall(if_none_match)
