"""The route /metrics: what the workers of this server have measured, for Prometheus and for nobody else."""

import asyncio
import ipaddress
import secrets

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import PermissionDeniedException
from litestar.openapi.datastructures import ResponseSpec
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from nexus_data.api.documents import Problem
from nexus_data.api.measures import Measures
from nexus_data.api.problems import MEDIA_TYPE
from nexus_data.settings import Settings

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")
_RESPONSES = {
    200: ResponseSpec(str, description="Prometheus' text format", media_type="text/plain"),
    403: ResponseSpec(Problem, description="Asked from elsewhere without NEXUS_METRICS_TOKEN", media_type=MEDIA_TYPE),
}


@get("/metrics", responses=_RESPONSES, tags=["health"])
async def metrics(request: Request[object, object, State]) -> Response[bytes]:
    """Requests, statements, caches, pool and memory of all workers, by route template; nothing of any user.

    Answered to a bearer of NEXUS_METRICS_TOKEN; where none is set, to this machine alone, and through no proxy.
    """
    settings: Settings = request.app.state.settings
    if not (_has_token(request, settings.metrics_token) if settings.metrics_token else _is_from_here(request)):
        raise PermissionDeniedException("metrics are for whoever has NEXUS_METRICS_TOKEN, or asks from this machine")
    measures: Measures = request.app.state.measures
    request.app.state.sample()
    text = await asyncio.to_thread(measures.exposition)
    return Response(text, headers={"Cache-Control": "no-store", "Content-Type": CONTENT_TYPE_PLAIN_0_0_4})


def _has_token(request: Request[object, object, State], token: str) -> bool:
    given = request.headers.get("Authorization", "").encode()
    return secrets.compare_digest(given, f"Bearer {token}".encode())


def _is_from_here(request: Request[object, object, State]) -> bool:
    """A proxy on this machine asks for somebody else: it says so, or it is told not to pass this path on."""
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
