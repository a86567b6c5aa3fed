"""Routes for whoever keeps the API running."""

from litestar import get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import ServiceUnavailableException
from litestar.openapi.datastructures import ResponseSpec

from nexus_data.api.documents import Liveness, Problem, Readiness
from nexus_data.api.layers import current_generation
from nexus_data.api.problems import MEDIA_TYPE
from nexus_data.api.stores import Stores
from nexus_data.watching import is_draining

_DOWN = {503: ResponseSpec(Problem, description="Postgres does not answer, or it stops", media_type=MEDIA_TYPE)}


@get("/health/live", tags=["health"])
async def live() -> Liveness:
    """Whether the process answers: restart it if not."""
    return Liveness()


@get("/health/ready", responses=_DOWN, tags=["health"])
async def ready(state: State, stores: NamedDependency[Stores]) -> Readiness:
    """Whether it can answer questions: send it requests if so. A Redis that is down only makes it slower."""
    if is_draining(state.watched):
        raise ServiceUnavailableException("the server is about to stop; ask another one")
    current = await current_generation(stores)
    redis = "up" if await stores.cache.answers() else "down"
    return Readiness(generation=current.number if current else 0, redis=redis)
