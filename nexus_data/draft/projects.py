"""A file of projects, milestones, tasks or people as its canonical table; files that use our own names are taken so."""

from collections.abc import Mapping

from nexus_data.contract.model import Condition, FieldSpec, Kind
from nexus_data.draft.look import Look, Proposal
from nexus_data.draft.money import currency_field, number_field
from nexus_data.draft.time_fields import give_time
from nexus_data.draft.values import status_category
from nexus_data.draft.words import best, plain
from nexus_data.tables import CANONICAL
from nexus_data.tables.model import PROVENANCE, Field
from nexus_data.tables.model import Kind as Value

_ISSUE_KEY = r"^([A-Za-z][A-Za-z0-9_]*)-[0-9]+$"
_OWN = 0.6
_MOSTLY = 0.8
_POINTS = ("story points", "storypoint", "storypoints", "story point estimate", "estimate")
_PROJECT_TIMES = (
    ("start_date", "start"), ("end_date", "end"), ("end_date", "due"), ("created_at", "created"),
    ("updated_at", "updated"),
)  # fmt: skip
_MILESTONE_TIMES = (
    ("due_on", "due"), ("due_on", "end"), ("release_date", "release"), ("closed_at", "closed"),
    ("created_at", "created"), ("updated_at", "updated"),
)  # fmt: skip
_APART = ("email", "user", "start", "date", "clock", "created", "end", "title", "description")
_FOLLOWS = {"user_id", "status_category", "status"}
_UNGIVEN = {"operation_id", "password_hash", *(field.name for field in PROVENANCE)}


def own_table(look: Look) -> str | None:
    """The canonical table whose columns most of the file's are called like."""
    names = {_snake(name) for name in look.profile.columns}
    shares = {
        table: len(names & {field.name for field in CANONICAL[table].fields}) / len(names)
        for table in (
            "users",
            "user_accounts",
            "projects",
            "project_milestones",
            "trading_operations",
            "frenly_ai_tasks",
        )
    }
    table = max(shares, key=lambda one: shares[one])
    return table if shares[table] >= _OWN and _keyed(table, names) else None


def _keyed(table: str, names: set[str]) -> bool:
    """Whether everything that the table requires is there; what follows from something else is not looked for."""
    required = {field.name for field in CANONICAL[table].fields if field.required} - _UNGIVEN - _FOLLOWS
    return required <= names and len(names) > 1


def propose_own(look: Look, table: str) -> Proposal:
    """Every column under our own name."""
    proposal = Proposal(table)
    proposal.note("fields", "the columns have the names of the canonical table")
    fields = {field.name: field for field in CANONICAL[table].fields if field.name not in _UNGIVEN}
    for name in look.profile.columns:
        if (field := fields.get(_snake(name))) is not None:
            _own(look, proposal, name, field)
    if table in ("projects", "project_milestones") and "status_category" not in proposal.fields:
        column = proposal.fields["status"].column if "status" in proposal.fields else None
        _give_status(look, proposal, column)
    return proposal


def _own(look: Look, proposal: Proposal, column: str, field: Field) -> None:
    if field.kind in (Value.DATE, Value.TIMESTAMP):
        if column in look.times:
            give_time(look, proposal, field.name, column)
        else:
            proposal.give(field.name, FieldSpec(column=column, formats=("iso",)), "no value in this file to look at")
    elif field.kind in (Value.MONEY, Value.PRICE, Value.INTEGER):
        proposal.give(field.name, number_field(look, column))
    else:
        proposal.give(field.name, FieldSpec(column=column, case="lower" if field.values else ""))


def _snake(name: str) -> str:
    return plain(name).replace(" ", "_")


def propose_users(look: Look) -> Proposal:
    """People: an e-mail address tells them."""
    proposal, roles = Proposal("users"), look.roles
    who = roles.get("user") or roles.get("id") or roles.get("email")
    proposal.give("user_id", FieldSpec(column=who))
    for name, role in (("email", "email"), ("display_name", "title"), ("status", "status")):
        if column := roles.get(role) or (roles.get("security_name") if role == "title" else None):
            proposal.give(name, FieldSpec(column=column))
    if "status" not in proposal.fields:
        proposal.give("status", FieldSpec(value="not given"))
    if pov := roles.get("pov_role"):
        proposal.give("primary_pov_role", FieldSpec(column=pov, case="lower"))
    if created := roles.get("created") or roles.get("date"):
        give_time(look, proposal, "created_at", created)
    return proposal


def propose_projects(look: Look) -> Proposal:
    """One record a project."""
    proposal, roles = Proposal("projects"), look.roles
    named = ("project", "id", "item", "project_name", "symbol", "title", "security_name")
    key = next((name for role in named if (name := roles.get(role))), next(iter(look.profile.columns)))
    proposal.give("project_id", FieldSpec(column=key, prefix=f"{look.source}:"))
    proposal.give("key", FieldSpec(column=key))
    name = roles.get("project_name") or roles.get("title") or roles.get("security_name") or key
    proposal.give("name", FieldSpec(column=name))
    _give_description(look, proposal)
    _give_status(look, proposal, roles.get("status"))
    _give_budget(look, proposal, "total_budget", roles.get("budget") or roles.get("amount"))
    _give_times(look, proposal, dict(_PROJECT_TIMES))
    return proposal


def propose_milestones(look: Look) -> Proposal:
    """One record a milestone, task or issue."""
    proposal, roles = Proposal("project_milestones", implied_parents=True), look.roles
    key = _milestone_key(look)
    if together := _unique_together(look, key):
        spec = FieldSpec(columns=together, join=" / ", prefix=f"{look.source}:")
        proposal.give("milestone_id", spec, f"no column tells records apart; these do in the first {_first(look):,}")
    else:
        proposal.give("milestone_id", FieldSpec(column=key, prefix=f"{look.source}:"), _uniqueness(look, key))
    if project := roles.get("project") or roles.get("project_name"):
        proposal.give("project_id", FieldSpec(column=project, prefix=f"{look.source}:"))
    elif look.column(key).share(_ISSUE_KEY) >= _MOSTLY:
        spec = FieldSpec(column=key, extract=_ISSUE_KEY, prefix=f"{look.source}:")
        proposal.give("project_id", spec, f"the values of {key} are a project's key and a number")
    else:
        proposal.give("project_id", FieldSpec(value=f"{look.source}:all"), "no column names a project")
    title = roles.get("title") or roles.get("security_name") or roles.get("item") or key
    proposal.give("name", FieldSpec(column=title))
    _give_description(look, proposal)
    _give_budget(look, proposal, "planned_amount", roles.get("budget"))
    if spent := roles.get("spent"):
        proposal.give("actual_amount", number_field(look, spent))
    _give_times(look, proposal, dict(_MILESTONE_TIMES))
    _give_state(look, proposal)
    return proposal


def _milestone_key(look: Look) -> str:
    """The column of ids: the one that repeats nothing, of those that are called so."""
    called = [name for role in ("item", "id", "title") if (name := look.roles.get(role)) is not None]
    unique = [name for name in called if look.column(name).repeats is None]
    return next(iter([*unique, *called, *look.profile.columns]))


def _unique_together(look: Look, key: str) -> tuple[str, ...]:
    """The fewest of the columns that tell of who, what and when, in their order, that are the same in no two records
    of the sample; nothing where one column does, or all of them do not."""
    if look.column(key).repeats is None:
        return ()
    named = [name for role in _APART if (name := look.roles.get(role)) is not None and name != key]
    for count in range(1, len(named) + 1):
        columns = (key, *named[:count])
        if not look.profile.sample.select(columns).is_duplicated().any():
            return columns
    return ()


def _first(look: Look) -> int:
    return look.profile.sample.height


def _uniqueness(look: Look, name: str) -> str:
    column = look.column(name)
    if column.repeats is None:
        return f"all {column.filled:,} values differ"
    return f"a value stands there again by record {column.repeats:,}: the newest record of an id counts"


def _give_description(look: Look, proposal: Proposal) -> None:
    if (text := look.roles.get("description")) is not None:
        proposal.give("description", FieldSpec(column=text))


def _give_times(look: Look, proposal: Proposal, wanted: Mapping[str, str]) -> None:
    pairs = _PROJECT_TIMES if proposal.table == "projects" else _MILESTONE_TIMES
    for name, role in pairs:
        column = look.roles.get(role)
        if name not in proposal.fields and column is not None and name in wanted:
            give_time(look, proposal, name, column)
    date = look.roles.get("date")
    if date is not None and "updated_at" not in proposal.fields:
        give_time(look, proposal, "updated_at", date)
    elif "updated_at" not in proposal.fields:
        _give_last_change(look, proposal)


def _give_last_change(look: Look, proposal: Proposal) -> None:
    """The later of what the file knows: a record that was closed was changed then."""
    known = [name for role in ("closed", "created") if (name := look.roles.get(role)) is not None]
    formats = tuple(dict.fromkeys(form for name in known for form in look.times[name].formats))
    if known and not any(look.times[name].ambiguous for name in known):
        proposal.give(
            "updated_at", FieldSpec(column=" | ".join(known), formats=formats), "the last change that is known"
        )


def _give_budget(look: Look, proposal: Proposal, field: str, column: str | None) -> None:
    if column is None:
        return
    proposal.give(field, number_field(look, column))
    if any(best(column, "budget") and plain(column) == plain(word) for word in _POINTS):
        proposal.give("currency", FieldSpec(value="XXX"), "points are no money: ISO 4217 for no currency")
        return
    spec, why = currency_field(look, column)
    if spec is None and look.currency is not None:
        spec, why = FieldSpec(value=look.currency), "decided: the file names no currency"
    if spec is None:
        proposal.open["fields.currency"] = ('value = "EUR", or whichever it is: no column, name or sign says it',)
        spec = FieldSpec(value="XXX")
    proposal.give("currency", spec, why)


def _give_state(look: Look, proposal: Proposal) -> None:
    """The status column; without one, whether a record was closed; without that, nothing is known."""
    status, closed = look.roles.get("status"), look.roles.get("closed")
    if status is not None or closed is None:
        _give_status(look, proposal, status)
        return
    when = (Condition(column=closed, empty=False),)
    proposal.add(Kind("finished", when=when, set={"status": "finished", "status_category": "done"}))
    proposal.add(Kind("open", set={"status": "open", "status_category": "in_progress"}), f"{closed} is empty")


def _give_status(look: Look, proposal: Proposal, column: str | None) -> None:
    if column is None:
        proposal.give("status", FieldSpec(value="not given"), "no column says how far a record is")
        proposal.give("status_category", FieldSpec(value="todo"))
        return
    values, profile = look.values(column), look.column(column)
    blanks = profile.records - profile.filled
    blank = {"": "not given"} if blanks else {}
    proposal.give("status", FieldSpec(column=column, map=blank, otherwise="keep" if blank else "reject"),
                  f"{blanks:,} records give none" if blanks else "")  # fmt: skip
    known = {text: category for text in values if (category := status_category(text)) is not None}
    if unknown := [text for text in values if text not in known]:
        shown = ", ".join(map(repr, unknown[:12]))
        proposal.note("fields.status_category", f"no list knows these words; their records are rejected: {shown}")
    todo = {"": "todo"} if blanks else {}
    proposal.give("status_category", FieldSpec(column=column, map={**todo, **known}))
