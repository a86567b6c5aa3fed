"""The routes of written reports: /api/v3/reports."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, QueryParameter

from nexus_data.api.access import Scope, Viewer, demand_sight
from nexus_data.api.conditional import respond
from nexus_data.api.reports import MOST, REPORTS_EXAMPLE, Reports, content, report, reports, unknown
from nexus_data.api.responses import reading, refusal
from nexus_data.api.stores import Stores
from nexus_data.errors import UnseenError
from nexus_data.settings import Settings

_LIST = reading(Reports, "Reports, the newest first", example=REPORTS_EXAMPLE, refusals=(400,))
_FILE = {
    200: ResponseSpec(bytes, description="The report as it was written: HTML, PDF or a workbook", media_type="*/*"),
    304: ResponseSpec(None, description="Unchanged since the answer with the ETag in If-None-Match"),
    **{status: refusal(status) for status in (401, 404, 503)},
}
# A report is read, never run: no script, no form, nothing from elsewhere, whatever a name in it says.
_HARMLESS = ((b"content-security-policy", b"sandbox; default-src 'none'; style-src 'unsafe-inline'"),)


@get("/reports", responses=_LIST, security=[{"bearer": []}], tags=["reports"])
async def written_reports(
    request: Request[object, object, State],
    stores: NamedDependency[Stores],
    viewer: NamedDependency[Viewer],
    user_id: NamedDependency[str],
    role: Annotated[str | None, QueryParameter(description="Those of a role, in place of a user's")] = None,
    period: FromQuery[str | None] = None,
    form: Annotated[Literal["html", "pdf", "xlsx"] | None, QueryParameter(name="format")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST, description="How many at most")] = 100,
) -> Response[bytes]:
    """The reports that were written of a user. Those of a role are for who may see everybody's data."""
    if role is not None and viewer.scope is not Scope.ALL:
        raise unknown()
    whose = None if role is not None else user_id
    found = await reports(stores, user_id=whose, role=role, period=period, format_=form, limit=limit)
    return respond(request, found)


@get("/reports/{report_id:uuid}", responses=_FILE, security=[{"bearer": []}], tags=["reports"])
async def written_report(
    request: Request[object, object, State],
    stores: NamedDependency[Stores],
    settings: NamedDependency[Settings],
    viewer: NamedDependency[Viewer],
    report_id: FromPath[UUID],
) -> Response[bytes]:
    """The bytes of one report; its SHA-256 is the ETag."""
    row = await report(stores, report_id=report_id)
    if row["user_id"] is None and viewer.scope is not Scope.ALL:
        raise unknown()
    if row["user_id"] is not None:
        try:
            await demand_sight(request, viewer, user_id=row["user_id"])
        except UnseenError:
            raise unknown() from None
    name = f'inline; filename="report-{row["period"]}.{row["format"]}"'
    return respond(
        request, await content(row, settings.home), more=((b"content-disposition", name.encode()), *_HARMLESS)
    )
