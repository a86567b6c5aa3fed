"""Routes under /api/v3/projects."""

from typing import Annotated, Literal

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from nexus_data.api.conditional import respond, respond_rows
from nexus_data.api.dashboard import dashboard
from nexus_data.api.documents import DASHBOARD_EXAMPLE, Dashboard
from nexus_data.api.project_documents import (
    MILESTONES_EXAMPLE,
    PROJECT_EXAMPLE,
    Milestone,
    OneProject,
    ProjectMilestones,
)
from nexus_data.api.project_questions import MilestoneList, milestones, project
from nexus_data.api.responses import reading
from nexus_data.api.stores import Stores
from nexus_data.api.tabular import rows_of
from nexus_data.api.trading_operations import After, Limit, Offset
from nexus_data.tables.model import Kind

_KINDS = {
    **dict.fromkeys(("planned", "released", "over_plan", "income", "expenses"), Kind.MONEY),
    **dict.fromkeys(("operations", "record_no"), Kind.INTEGER),
    **dict.fromkeys(("due_on", "release_date"), Kind.DATE),
    "closed_at": Kind.TIMESTAMP,
}
_ROWS = rows_of("milestones", Milestone, **_KINDS)
_MILESTONES = reading(
    ProjectMilestones, "A page, as JSON, CSV or Arrow", example=MILESTONES_EXAMPLE, refusals=(400, 406, 409)
)
_SECURITY = [{"bearer": list[str]()}]

Status = Annotated[
    Literal["todo", "in_progress", "done", "cancelled"] | None, QueryParameter(description="Only those of that status")
]


@get(
    "/projects/dashboard",
    responses=reading(Dashboard, "The dashboard", example=DASHBOARD_EXAMPLE),
    security=_SECURITY,
    tags=["projects"],
)
async def projects_dashboard(
    request: Request[object, object, State], stores: NamedDependency[Stores], user_id: NamedDependency[str]
) -> Response[bytes]:
    """A user's dashboard: budgets, releases, income and expenses by currency, projects, milestones, alerts."""
    return respond(request, await dashboard(stores, user_id=user_id))


@get(
    "/projects/{project_id:str}",
    responses=reading(OneProject, "The project", example=PROJECT_EXAMPLE),
    security=_SECURITY,
    tags=["projects"],
)
async def one_project(
    request: Request[object, object, State],
    stores: NamedDependency[Stores],
    user_id: NamedDependency[str],
    project_id: FromPath[str],
) -> Response[bytes]:
    """One of a user's projects: what its source says, and what its milestones and operations add up to."""
    return respond(request, await project(stores, user_id=user_id, project_id=project_id))


@get("/projects/{project_id:str}/milestones", responses=_MILESTONES, security=_SECURITY, tags=["projects"])
async def project_milestones(
    request: Request[object, object, State],
    stores: NamedDependency[Stores],
    user_id: NamedDependency[str],
    project_id: FromPath[str],
    status_category: Status = None,
    limit: Limit = 100,
    offset: Offset = 0,
    cursor: After = None,
) -> Response[bytes]:
    """The milestones of one of a user's projects, page by page; a publish between two pages is told by 409."""
    wanted = MilestoneList(user_id, project_id, status_category, limit, offset, cursor)
    return await respond_rows(request, await milestones(stores, wanted), _ROWS)
