"""Projects and their milestones, from public budgets and project tools."""

from nexus_data.tables.model import PROVENANCE, Field, Index, Kind, Table

STATUS_CATEGORIES = ("todo", "in_progress", "done", "cancelled")

PROJECTS = Table(
    name="projects",
    doc="One row per project: the newest record of it. A project that only milestones name has status `implied`.",
    key=("project_id",),
    version="updated_at",
    fields=(
        Field("project_id", Kind.TEXT, "The project's id, prefixed by its source where that is not the platform", True),
        Field("user_id", Kind.TEXT, "Its owner", required=True),
        Field("key", Kind.TEXT, "The short key people use"),
        Field("name", Kind.TEXT, "Its name", required=True),
        Field("description", Kind.TEXT, "As given"),
        Field("status", Kind.TEXT, "As given", required=True, reserved=("implied",)),
        Field("status_category", Kind.TEXT, "What that status means", required=True, values=STATUS_CATEGORIES),
        Field("total_budget", Kind.MONEY, "The budget", non_negative=True, summed=True),
        Field("currency", Kind.TEXT, "ISO 4217 code of total_budget"),
        Field("start_date", Kind.DATE, "First day"),
        Field("end_date", Kind.DATE, "Last day, as planned or forecast"),
        Field("created_at", Kind.TIMESTAMP, "When the record was made"),
        Field("updated_at", Kind.TIMESTAMP, "When it was last changed: a later one supersedes"),
        *PROVENANCE,
    ),
    indexes=(Index(("user_id",)),),
)

PROJECT_MILESTONES = Table(
    name="project_milestones",
    doc="One row per milestone (or task or issue of a project tool): the newest record of it.",
    key=("milestone_id",),
    version="updated_at",
    fields=(
        Field("milestone_id", Kind.TEXT, "The milestone's id, prefixed like project_id", required=True),
        Field("project_id", Kind.TEXT, "The project it belongs to", required=True),
        Field("name", Kind.TEXT, "Its name", required=True),
        Field("description", Kind.TEXT, "As given"),
        Field("planned_amount", Kind.MONEY, "Planned money; estimates without money have currency XXX", summed=True),
        Field("actual_amount", Kind.MONEY, "Money released so far, as the source says", summed=True),
        Field("currency", Kind.TEXT, "ISO 4217; XXX (no currency) for story points and the like"),
        Field("due_on", Kind.DATE, "When it is due"),
        Field("release_date", Kind.DATE, "When its money is released"),
        Field("status", Kind.TEXT, "As given", required=True, reserved=("implied",)),
        Field("status_category", Kind.TEXT, "What that status means", required=True, values=STATUS_CATEGORIES),
        Field("closed_at", Kind.TIMESTAMP, "When it was finished"),
        Field("created_at", Kind.TIMESTAMP, "When it was made"),
        Field("updated_at", Kind.TIMESTAMP, "When it was last changed: a later one supersedes"),
        *PROVENANCE,
    ),
    indexes=(Index(("project_id",)),),
)
