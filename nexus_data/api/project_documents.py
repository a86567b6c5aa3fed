"""The documents about one project, as types: OpenAPI shows them, tests decode by them. Money is exact decimal text."""

import msgspec


class InCurrency(msgspec.Struct, forbid_unknown_fields=True):
    """A project's milestones, and the operations linked to them, in one currency."""

    currency: str
    planned: str
    released: str
    income: str
    expenses: str
    operations: int


class ProjectDetail(msgspec.Struct, forbid_unknown_fields=True):
    """A project. Sums are in its currency; used: the larger of released and expenses; net: income - expenses."""

    project_id: str
    key: str | None
    name: str
    description: str | None
    status: str
    status_category: str
    start_date: str | None
    end_date: str | None
    created_at: str | None
    updated_at: str | None
    currency: str | None
    budget: str | None
    planned: str
    released: str
    income: str
    expenses: str
    net: str
    used: str
    utilisation: str | None
    over_80_percent: bool
    operations: int
    operations_in_other_currencies: int
    milestones: int
    milestones_done: int
    milestones_cancelled: int
    milestones_late: int
    by_currency: list[InCurrency]
    source: str
    file_id: str
    record_no: int


class OneProject(msgspec.Struct, forbid_unknown_fields=True):
    """A project, as the generation shows it."""

    user_id: str
    generation: int
    project: ProjectDetail


class Milestone(msgspec.Struct, forbid_unknown_fields=True):
    """A milestone, and the operations linked to it in its currency. late: open and due before the publish."""

    milestone_id: str
    name: str
    description: str | None
    status: str
    status_category: str
    due_on: str | None
    release_date: str | None
    closed_at: str | None
    late: bool
    currency: str | None
    planned: str | None
    released: str | None
    over_plan: str | None
    income: str
    expenses: str
    operations: int
    source: str
    file_id: str
    record_no: int


class ProjectMilestones(msgspec.Struct, forbid_unknown_fields=True):
    """A page, those due first first. total: of the project; null with a status_category. next: of the next page."""

    user_id: str
    project_id: str
    generation: int
    total: int | None
    milestones: list[Milestone]
    next: str | None


PROJECT_EXAMPLE = OneProject(
    user_id="u-1",
    generation=7,
    project=ProjectDetail(
        project_id="p-1",
        key="ROOF",
        name="New roof",
        description=None,
        status="In Progress",
        status_category="in_progress",
        start_date="2026-01-05",
        end_date="2026-06-30",
        created_at=None,
        updated_at="2026-02-01T08:00:00.000000Z",
        currency="EUR",
        budget="10000",
        planned="9000",
        released="8100",
        income="0",
        expenses="1000",
        net="-1000",
        used="8100",
        utilisation="0.81",
        over_80_percent=True,
        operations=1,
        operations_in_other_currencies=0,
        milestones=2,
        milestones_done=1,
        milestones_cancelled=0,
        milestones_late=0,
        by_currency=[
            InCurrency(currency="EUR", planned="9000", released="8100", income="0", expenses="1000", operations=1)
        ],
        source="nexus",
        file_id="6f1ed002-ab55-41f8-9f0f-5d5f8f2f6b1a",
        record_no=1,
    ),
)
MILESTONES_EXAMPLE = ProjectMilestones(
    user_id="u-1",
    project_id="p-1",
    generation=7,
    total=1,
    milestones=[
        Milestone(
            milestone_id="m-2",
            name="Slates",
            description=None,
            status="Open",
            status_category="todo",
            due_on="2026-04-01",
            release_date=None,
            closed_at=None,
            late=False,
            currency="EUR",
            planned="900",
            released=None,
            over_plan=None,
            income="0",
            expenses="0",
            operations=0,
            source="nexus",
            file_id="6f1ed002-ab55-41f8-9f0f-5d5f8f2f6b1a",
            record_no=2,
        )
    ],
    next=None,
)
