"""The questions behind one project and its milestones, as of the current generation. HTTP is elsewhere."""

from dataclasses import asdict, dataclass
from datetime import date

import msgspec

from nexus_data.api.aggregates import demand_current
from nexus_data.api.answer import Answer, Generation, Subject
from nexus_data.api.layers import Made, Question, answered
from nexus_data.api.statements import rows
from nexus_data.api.stores import Stores
from nexus_data.cursors import InList, list_id, packed, place
from nexus_data.errors import QuestionError, TraceError


@dataclass(frozen=True, slots=True)
class MilestoneList:
    """A page of a project's milestones. offset leaves so many out, cursor goes on after a page."""

    user_id: str
    project_id: str
    status_category: str | None = None
    limit: int = 100
    offset: int = 0
    cursor: str | None = None


class Place(InList, array_like=True, frozen=True):
    """The last milestone of a page, and the generation of the page."""

    generation: int
    due_on: date | None
    milestone_id: str


class Page(msgspec.Struct):
    """The document. next: the cursor of the next page, null on the last one."""

    user_id: str
    project_id: str
    generation: int
    total: int | None
    milestones: list[msgspec.Raw]
    next: str | None


async def project(stores: Stores, *, user_id: str, project_id: str) -> Answer:
    """One of the user's projects. TraceError when the user has none of that id."""
    subject = Subject(f"project:{packed(project_id)}", user_id)
    return await answered(stores, Question(subject, lambda: _project(stores, user_id, project_id)))


async def _project(stores: Stores, user_id: str, project_id: str) -> Made:
    found = await rows(stores, "api/project", {"user_id": user_id, "project_id": project_id})
    if not found or found[0][2] is None:
        raise _no_such_project(project_id)
    generation, run_id, text = found[0]
    return Made(text.encode(), Generation(generation, run_id))


async def milestones(stores: Stores, wanted: MilestoneList) -> Answer:
    """A page of the project's milestones, those due first first.

    Raises TraceError when the user has no such project, QuestionError for a cursor that is none, StaleCursorError when
    a publish overtook the pages.
    """
    after = place(wanted.cursor, Place, of=_list_id(wanted))
    if after and wanted.offset:
        raise QuestionError("a cursor and an offset say two different places; give one of them")
    subject = Subject(f"milestones:{packed({**asdict(wanted), 'user_id': None})}", wanted.user_id)
    return await answered(stores, Question(subject, lambda: _milestones(stores, wanted, after)))


async def _milestones(stores: Stores, wanted: MilestoneList, after: Place | None) -> Made:
    values = {**asdict(wanted), "size": wanted.limit + 1, "skip": wanted.offset, "after_id": None, "after_due": None}
    if after:
        values |= {"after_id": after.milestone_id, "after_due": after.due_on or "infinity"}
    found = await rows(stores, "api/project_milestones_page", values, prepare=False)
    if not found or found[0][2] is None:
        raise _no_such_project(wanted.project_id)
    generation = Generation(*found[0][:2])
    demand_current(after.generation if after else None, generation)
    known = [row for row in found if row[4] is not None]
    last = known[wanted.limit - 1] if len(known) > wanted.limit else None
    page = Page(
        user_id=wanted.user_id,
        project_id=wanted.project_id,
        generation=generation.number,
        total=None if wanted.status_category else found[0][2],
        milestones=[msgspec.Raw(row[5].encode()) for row in known[: wanted.limit]],
        next=packed(Place(_list_id(wanted), generation.number, last[3], last[4])) if last else None,
    )
    return Made(msgspec.json.encode(page), generation)


def _list_id(wanted: MilestoneList) -> str:
    return list_id("milestones", wanted.user_id, wanted.project_id, wanted.status_category)


def _no_such_project(project_id: str) -> TraceError:
    return TraceError(f"there is no project {project_id!r} of this user")
