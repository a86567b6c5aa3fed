"""Income, expenses and net: by currency, by category, by user, and in the course of the period."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from nexus_data.provenance.asking import Row
from nexus_data.provenance.sums import total
from nexus_data.report.document import Card, Cell, Chart, Column, Part, Section, Table, Value
from nexus_data.report.facts import MOST_ROWS, Facts
from nexus_data.report.period import Period

CENTS = 2
_PANELS = 6
_DAYS_OF_WEEK = 7
_BY_CURRENCY = (
    Column("Currency"),
    Column("Income", "number"),
    Column("Expenses", "number"),
    Column("Net", "number"),
    Column("Operations", "number"),
)
_NOTHING = "No money moved in this period."
_SIGNS = {"income": "+", "expense": "-"}


def places(currency: str | None) -> int:
    """How many decimal places an amount is shown with at least."""
    return 0 if currency is None or currency == "XXX" or currency.startswith("crypto:") else CENTS


def cards(facts: Facts) -> tuple[Card, ...]:
    """A headline for each currency, the busiest first."""
    by_currency = _grouped(facts.rows["totals"], "currency")
    return tuple(
        Card(
            currency,
            income=amount(facts, by_currency[currency], of="income"),
            expenses=amount(facts, by_currency[currency], of="expense"),
            net=amount(facts, by_currency[currency], of="net"),
        )
        for currency in _busiest(facts)
    )


def section(facts: Facts) -> Section:
    """Tables by currency and category (of a role: by user, too), and how it went in the course of the period."""
    tables = [_by_currency(facts)]
    if facts.rows["totals"]:
        tables.append(_by_category(facts))
    if facts.rows["totals"] and facts.subject.role is not None:
        tables.append(_by_user(facts))
    return Section("money", "Income and expenses", charts=_charts(facts), tables=tuple(tables))


def amount(facts: Facts, rows: list[Row], *, of: str) -> Value:
    """The income, expense or net of these totals (of `report_totals`, one currency), with the cells behind it."""
    parts = tuple(_part(facts, row, of) for row in rows if of in ("net", row["type"]))
    content = total(_signed(part) for part in parts)
    mark = "bad" if of == "net" and content < 0 else ""
    return Value(content, parts, places=places(rows[0]["currency"]), mark=mark, strong=of == "net")  # type: ignore[arg-type]


def _part(facts: Facts, row: Row, of: str) -> Part:
    sign = _SIGNS[row["type"]] if of == "net" else "+"
    return Part(_cell(facts, row, "amount"), row["amount"], sign)  # type: ignore[arg-type]


def _signed(part: Part) -> Decimal:
    value = Decimal(str(part.value))
    return value if part.sign == "+" else value.copy_negate()


def _cell(facts: Facts, row: Row, column: str) -> Cell:
    key = tuple((name, row[name]) for name in ("category", "currency", "type"))
    return Cell("daily_totals", column, row["user_id"], key, facts.period.first, facts.period.last)


def _count(facts: Facts, rows: Iterable[Row]) -> Value:
    parts = tuple(Part(_cell(facts, row, "operations"), row["operations"]) for row in rows)
    return Value(sum(int(str(part.value)) for part in parts), parts)


def _grouped(rows: Iterable[Row], *names: str) -> Mapping[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups["\x1f".join(str(row[name]) for name in names)].append(row)
    return groups


def _busiest(facts: Facts) -> list[str]:
    """The currencies in which something moved, that of most operations first."""
    counts: dict[str, int] = defaultdict(int)
    for row in facts.rows["totals"]:
        counts[row["currency"]] += row["operations"]
    return sorted(counts, key=lambda currency: (-counts[currency], currency))


def _line(facts: Facts, rows: list[Row], *names: Value) -> tuple[Value, ...]:
    sums = (amount(facts, rows, of=of) for of in ("income", "expense", "net"))
    return (*names, *sums, _count(facts, rows))


def _by_currency(facts: Facts) -> Table:
    groups = _grouped(facts.rows["totals"], "currency")
    rows = tuple(_line(facts, groups[currency], Value(currency, strong=True)) for currency in _busiest(facts))
    note = "Amounts of different currencies are never added up or converted."
    return Table("By currency", _BY_CURRENCY, rows, len(rows), _NOTHING, note)


def _by_category(facts: Facts) -> Table:
    order = {currency: place for place, currency in enumerate(_busiest(facts))}
    groups = _grouped(facts.rows["totals"], "currency", "category")
    keys = sorted(groups, key=lambda key: (order[key.split("\x1f")[0]], key))
    rows = tuple(_line(facts, groups[key], *map(Value, key.split("\x1f"))) for key in keys)
    columns = (_BY_CURRENCY[0], Column("Category"), *_BY_CURRENCY[1:])
    return Table("By category", columns, rows, len(rows), _NOTHING)


def _by_user(facts: Facts) -> Table:
    names = {user["user_id"]: user["display_name"] or user["user_id"] for user in facts.users}
    groups = _grouped(facts.rows["totals"], "user_id", "currency")
    keys = sorted(groups)
    lines = (
        _line(facts, groups[key], Value(names[user]), Value(user), Value(currency))
        for key in keys[:MOST_ROWS]
        for user, currency in [key.split("\x1f")]
    )
    columns = (Column("User"), Column("Id"), *_BY_CURRENCY)
    return Table("By user", columns, tuple(lines), len(keys), _NOTHING)


def _charts(facts: Facts) -> tuple[Chart, ...]:
    shown = _busiest(facts)[:_PANELS]
    more = len(_busiest(facts)) - len(shown)
    note = f"The {_PANELS} busiest currencies; {more} more are in the tables." if more > 0 else ""
    if not shown:
        return ()
    return (_course(facts, shown, note), _categories(facts, shown, note))


def _course(facts: Facts, shown: list[str], note: str) -> Chart:
    steps = _steps(facts.period)
    rows = [
        {"panel": row["currency"], "step": steps[row["day"]], "kind": kind, "amount": value}
        for row in facts.rows["course"]
        if row["currency"] in shown
        for kind, value in (("Income", row["income"]), ("Expenses", row["expense"].copy_negate()))
    ]
    title = f"Income and expenses by {facts.period.bucket}"
    return Chart("course", title, tuple(rows), note, {"steps": list(steps.values()), "panels": shown})


def _steps(period: Period) -> dict[date, str]:
    """Every bucket of the period by its first day, as the axis calls it, also where nothing moved."""
    if period.bucket == "month":
        return {date(period.first.year, month, 1): f"{date(2000, month, 1):%b}" for month in range(1, 13)}
    first = period.first if period.bucket == "day" else period.first - timedelta(days=period.first.weekday())
    step = 1 if period.bucket == "day" else _DAYS_OF_WEEK
    days = [first + timedelta(days=n) for n in range(0, (period.last - first).days + 1, step)]
    return {day: f"{day.day} {day:%b}" for day in days}


def _categories(facts: Facts, shown: list[str], note: str) -> Chart:
    groups = _grouped([row for row in facts.rows["totals"] if row["currency"] in shown], "currency", "category")
    rows = [
        {
            "panel": currency,
            "category": category,
            "kind": kind,
            "amount": value.copy_negate() if of == "expense" else value,
        }
        for key in sorted(groups)
        for currency, category in [key.split("\x1f")]
        for kind, of in (("Income", "income"), ("Expenses", "expense"))
        if (value := Decimal(str(amount(facts, groups[key], of=of).content)))
    ]
    return Chart("categories", "Income and expenses by category", tuple(rows), note, {"panels": shown})
