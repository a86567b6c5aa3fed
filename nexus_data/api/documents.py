"""The JSON documents that the API answers with, as types: OpenAPI shows them, tests decode by them.

What a dashboard holds is computed by `sql/queries/cache/project_dashboard.sql`, and only the empty one is made here.
Money is exact decimal text; dates are ISO 8601 text.
"""

import msgspec


class CurrencyTotals(msgspec.Struct, forbid_unknown_fields=True):
    """What is in one currency; income and expenses are those of the user's own operations."""

    currency: str
    budget: str
    planned: str
    released: str
    income: str
    expenses: str
    net: str
    utilisation: str | None


class Project(msgspec.Struct, forbid_unknown_fields=True):
    """One project, with the operations linked to it, in its own currency. used: the larger of released and expenses."""

    project_id: str
    key: str | None
    name: str
    status: str
    status_category: str
    start_date: str | None
    end_date: str | None
    currency: str | None
    budget: str | None
    planned: str
    released: str
    income: str
    expenses: str
    used: str
    utilisation: str | None
    milestones: int
    milestones_done: int
    milestones_cancelled: int
    milestones_late: int


class NextDue(msgspec.Struct, forbid_unknown_fields=True):
    """The open milestone that is due next."""

    milestone_id: str
    project_id: str
    name: str
    due_on: str


class Milestones(msgspec.Struct, forbid_unknown_fields=True):
    """Milestones of all projects. late: open and due before the day of the publish."""

    total: int = 0
    done: int = 0
    cancelled: int = 0
    late: int = 0
    next_due: NextDue | None = None


class Operation(msgspec.Struct, forbid_unknown_fields=True):
    """One of the ten newest operations that moved money."""

    operation_id: str
    date: str
    transact_time: str | None
    type: str
    category: str
    amount: str
    currency: str
    side: str | None
    symbol: str | None
    milestone_id: str | None
    description: str | None
    source: str


class RiskAlert(msgspec.Struct, forbid_unknown_fields=True):
    """kind: budget_over_80_percent (of a project) or milestone_late."""

    kind: str
    project_id: str
    milestone_id: str | None
    name: str
    currency: str | None
    budget: str | None
    used: str | None
    utilisation: str | None
    due_on: str | None


class Dashboard(msgspec.Struct, forbid_unknown_fields=True):
    """A user's dashboard, all of one generation (0: nothing has been published yet)."""

    user_id: str
    generation: int = 0
    published_at: str | None = None
    totals: list[CurrencyTotals] = []
    project_count: int = 0
    projects: list[Project] = []
    milestones: Milestones = msgspec.field(default_factory=Milestones)
    recent_operations: list[Operation] = []
    risk_alert_count: int = 0
    risk_alerts: list[RiskAlert] = []


class Problem(msgspec.Struct, forbid_unknown_fields=True):
    """A problem as RFC 9457 has it."""

    status: int
    type: str
    title: str
    detail: str


class Liveness(msgspec.Struct, forbid_unknown_fields=True):
    """The process answers."""

    status: str = "alive"


class Readiness(msgspec.Struct, forbid_unknown_fields=True):
    """Postgres answers. redis: up, or down (answers are then slower, and right)."""

    generation: int
    redis: str
    status: str = "ready"


DASHBOARD_EXAMPLE = Dashboard(
    user_id="u-1",
    generation=7,
    published_at="2026-03-02T06:00:00.000000Z",
    totals=[
        CurrencyTotals(
            currency="EUR",
            budget="10000",
            planned="9000",
            released="8100",
            income="250.75",
            expenses="1200.1",
            net="-949.35",
            utilisation="0.81",
        )
    ],
    project_count=1,
    projects=[
        Project(
            project_id="p-1",
            key="ROOF",
            name="New roof",
            status="In Progress",
            status_category="in_progress",
            start_date="2026-01-05",
            end_date="2026-06-30",
            currency="EUR",
            budget="10000",
            planned="9000",
            released="8100",
            income="0",
            expenses="1000",
            used="8100",
            utilisation="0.81",
            milestones=2,
            milestones_done=1,
            milestones_cancelled=0,
            milestones_late=0,
        )
    ],
    milestones=Milestones(
        total=2, done=1, next_due=NextDue(milestone_id="m-2", project_id="p-1", name="Slates", due_on="2026-04-01")
    ),
    recent_operations=[
        Operation(
            operation_id="0f8fad5b-d9cb-469f-a165-70867728950e",
            date="2026-02-27",
            transact_time="2026-02-27T14:03:11.000000Z",
            type="expense",
            category="purchase",
            amount="1000",
            currency="EUR",
            side=None,
            symbol=None,
            milestone_id="m-1",
            description="Scaffold",
            source="nexus",
        )
    ],
    risk_alert_count=1,
    risk_alerts=[
        RiskAlert(
            kind="budget_over_80_percent",
            project_id="p-1",
            milestone_id=None,
            name="New roof",
            currency="EUR",
            budget="10000",
            used="8100",
            utilisation="0.81",
            due_on=None,
        )
    ],
)
