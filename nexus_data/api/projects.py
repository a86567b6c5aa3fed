"""Routes under /api/v3/projects."""

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example

from nexus_data.api.conditional import respond
from nexus_data.api.dashboard import dashboard
from nexus_data.api.documents import DASHBOARD_EXAMPLE, Dashboard, Problem
from nexus_data.api.problems import MEDIA_TYPE
from nexus_data.api.stores import Stores


def _problem(status: int, title: str, detail: str) -> ResponseSpec:
    example = {"status": status, "type": "about:blank", "title": title, "detail": detail}
    return ResponseSpec(Problem, description=title, media_type=MEDIA_TYPE, examples=[Example(value=example)])


_RESPONSES = {
    200: ResponseSpec(
        Dashboard,
        description="The dashboard. X-Data-Generation: its generation; X-Served-From: memory, redis or postgres; ETag",
        examples=[Example(summary="One project near its budget", value=DASHBOARD_EXAMPLE)],
    ),
    304: ResponseSpec(None, description="Unchanged since the answer with the ETag in If-None-Match"),
    401: _problem(401, "Unauthorized", "the token has expired; get a new one"),
    503: _problem(503, "Service Unavailable", "the database does not answer; try again in a moment"),
}


@get("/projects/dashboard", responses=_RESPONSES, security=[{"bearer": []}], tags=["projects"])
async def projects_dashboard(
    request: Request[object, object, State], stores: NamedDependency[Stores], user_id: NamedDependency[str]
) -> Response[bytes]:
    """The bearer's own dashboard: budgets, releases, income and expenses by currency, projects, milestones, alerts."""
    return respond(request, await dashboard(stores, user_id=user_id))
