"""What was held at the end of the period, projects planned against actual, and milestones."""

from decimal import Decimal

from nexus_data.provenance.asking import Row
from nexus_data.report.document import Cell, Chart, Column, Part, Section, Table, Value
from nexus_data.report.facts import Facts
from nexus_data.report.money import places

_CHARTED = 12
_POSITIONS = (
    Column("Instrument"),
    Column("ISIN"),
    Column("Held", "number"),
    Column("Bought", "number"),
    Column("Sold", "number"),
    Column("Currency"),
    Column("Money in", "number"),
    Column("Money out", "number"),
    Column("Operations", "number"),
    Column("Last", "date"),
)
_PROJECTS = (
    Column("Project"),
    Column("Status"),
    Column("Ends", "date"),
    Column("Currency"),
    Column("Budget", "number"),
    Column("Planned", "number"),
    Column("Actual", "number"),
    Column("Expenses", "number"),
    Column("Used", "share"),
    Column("Milestones", "number"),
    Column("Done", "number"),
    Column("Late", "number"),
)
_MILESTONES = (
    Column("Milestone"),
    Column("Project"),
    Column("Due", "date"),
    Column("Status"),
    Column("Days late", "number"),
    Column("Currency"),
    Column("Planned", "number"),
    Column("Actual", "number"),
    Column("Over plan", "number"),
)


def positions(facts: Facts) -> Section:
    """The holdings at the end of the period."""
    rows = facts.rows["positions"]
    table = Table(
        "",
        _with_user(facts, _POSITIONS),
        tuple(_position(facts, row) for row in rows),
        _found(rows),
        "No instrument was held at the end of this period, or traded in it.",
        _unknown_quantities(rows),
    )
    until = f"generation {facts.generation}" if facts.removed else facts.period.last.isoformat()
    intro = f"Bought less sold from the first operation there is to {until}."
    if facts.removed:
        intro += f" (Cleanup removed {_months(facts.removed)} from Postgres: what was held earlier is not told.)"
    return Section("positions", "Positions", intro, tables=(table,))


def _position(facts: Facts, row: Row) -> tuple[Value, ...]:
    key = tuple((name, row[name]) for name in ("symbol", "security_id", "currency"))

    def of(column: str, *, least: int = 0) -> Value:
        cell = Cell("positions", column, row["user_id"], key, last=None if facts.removed else facts.period.last)
        return _number(row[column], cell, least)

    money = places(row["currency"])
    values = (
        Value(row["symbol"] or "not named", strong=True),
        Value(row["security_id"] or None),
        of("net_quantity"),
        of("bought"),
        of("sold"),
        Value(row["currency"]),
        of("money_in", least=money),
        of("money_out", least=money),
        of("operations"),
        Value(row["last_date"]),
    )
    return _of_user(facts, row, values)


def _months(months: tuple[str, ...]) -> str:
    return months[0] if len(months) == 1 else f"{len(months)} months, {months[0]} to {months[-1]},"


def _unknown_quantities(rows: list[Row]) -> str:
    count = sum(row["without_quantity"] for row in rows)
    return f"{count} purchases or sales gave no quantity: what is held does not know them." if count else ""


def projects(facts: Facts) -> Section:
    """Budgets and plans against what was released and spent."""
    rows = facts.rows["projects"]
    table = Table(
        "",
        _with_user(facts, _PROJECTS),
        tuple(_project(facts, row) for row in rows),
        _found(rows),
        "No project is known.",
        "Used: the larger of actual and expenses, of the budget; they are two witnesses of the same money.",
    )
    intro = f"As they stand in generation {facts.generation}, in each project's own currency."
    return Section("projects", "Projects, planned against actual", intro, _project_charts(rows), (table,))


def _project(facts: Facts, row: Row) -> tuple[Value, ...]:
    money = places(row["currency"])

    def of(column: str, *, least: int = 0) -> Value:
        cell = Cell("project_dashboard", column, row["user_id"], (("project_id", row["project_id"]),))
        return _number(row[column], cell, least)

    used = of("utilisation")
    over = row["utilisation"] is not None and row["utilisation"] > 1
    late = of("milestones_late")
    values = (
        Value(_project_name(row), strong=True),
        Value(_words(row["status_category"])),
        Value(row["end_date"]),
        Value(row["currency"]),
        of("budget", least=money),
        of("planned", least=money),
        of("actual", least=money),
        of("expense", least=money),
        Value(used.content, used.parts, mark="bad" if over else ""),
        of("milestones"),
        of("milestones_done"),
        Value(late.content, late.parts, mark="bad" if row["milestones_late"] else ""),
    )
    return _of_user(facts, row, values)


def _project_name(row: Row) -> str:
    return f"{row['project_key']} {row['name']}" if row["project_key"] else str(row["name"])


def _project_charts(rows: list[Row]) -> tuple[Chart, ...]:
    charted = [row for row in rows if row["currency"] and (row["budget"] or row["planned"] or row["used"])]
    data = [
        {"panel": row["currency"], "project": _project_name(row), "place": place, "kind": kind, "amount": row[column]}
        for place, row in enumerate(charted[:_CHARTED])
        for kind, column in (("Budget", "budget"), ("Planned", "planned"), ("Used", "used"))
        if row[column] is not None
    ]
    if not data:
        return ()
    panels = sorted({str(one["panel"]) for one in data})
    note = f"The {_CHARTED} most used of {len(charted)} projects with money." if len(charted) > _CHARTED else ""
    return (Chart("projects", "Budget, plan and what was used", tuple(data), note, {"panels": panels}),)


def milestones(facts: Facts) -> Section:
    """Milestones late, and those that were due in the period."""
    rows = facts.rows["milestones"]
    late = rows[0]["late_found"] if rows else 0
    table = Table(
        "",
        _with_user(facts, _MILESTONES),
        tuple(_milestone(facts, row) for row in rows),
        _found(rows),
        "No milestone was due in this period, and none due before it is late.",
    )
    day = f", as of {facts.as_of.isoformat()}" if facts.as_of else ""
    verb = "is" if late == 1 else "are"
    intro = f"{late:,} {verb} open past the due day{day}; {_found(rows) - late:,} more were due in the period."
    return Section("milestones", "Milestones", intro if rows else "", tables=(table,))


def _milestone(facts: Facts, row: Row) -> tuple[Value, ...]:
    key = (("project_id", row["project_id"]), ("milestone_id", row["milestone_id"]), ("currency", row["currency"]))
    money = places(row["currency"] or None)

    def of(column: str) -> Value:
        return _number(row[column], Cell("milestones", column, row["user_id"], key), money)

    days = Cell("milestones", "late", row["user_id"], key)
    over = of("over_plan")
    values = (
        Value(row["name"], strong=True),
        Value(row["project"] or row["project_id"]),
        Value(row["due_on"]),
        Value(_words(row["status_category"])),
        Value(row["days_late"], (Part(days, row["days_late"]),) if row["late"] else (), mark="bad"),
        Value(row["currency"] or None),
        of("planned"),
        of("actual"),
        Value(over.content, over.parts, places=money, mark="bad" if (row["over_plan"] or 0) > 0 else ""),
    )
    return _of_user(facts, row, values)


def _number(content: Decimal | int | None, cell: Cell, least: int) -> Value:
    if content is None:
        return Value(None)
    return Value(content, (Part(cell, content),), places=least, mark="bad" if content < 0 else "")


def _words(status: str) -> str:
    return status.replace("_", " ")


def _found(rows: list[Row]) -> int:
    return int(rows[0]["found"]) if rows else 0


def _with_user(facts: Facts, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    return columns if facts.subject.role is None else (Column("User"), *columns)


def _of_user(facts: Facts, row: Row, values: tuple[Value, ...]) -> tuple[Value, ...]:
    return values if facts.subject.role is None else (Value(row["user_id"]), *values)
