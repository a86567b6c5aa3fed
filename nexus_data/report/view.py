"""A report as plain texts and links: what the templates of HTML and PDF put in their places."""

from dataclasses import dataclass
from typing import Any

from nexus_data.report.appendix import Appendix, Line, link, place
from nexus_data.report.document import Card, Cell, Column, Report, Section, Table, Value
from nexus_data.report.texts import MINUS, number, shown

_RIGHT = ("number", "share")


@dataclass(frozen=True, slots=True)
class Limits:
    """How many rows of a table, and of the table behind the numbers, a format shows."""

    rows: int
    behind: int


def view(report: Report, numbered: Appendix, *, api: str, limits: Limits) -> dict[str, Any]:
    """Everything but the pictures, as texts."""
    lines = numbered.lines[: limits.behind]
    last = lines[-1].number if lines else 0
    writer = _Writer(numbered, api, limits, last)
    first_day, last_day = report.days
    return {
        "title": f"{report.whose}: {report.period}",
        "whose": report.whose,
        "detail": report.detail,
        "period": report.period,
        "days": first_day.isoformat() if first_day == last_day else f"{first_day} to {last_day}",
        "generation": report.generation,
        "published": f"{report.published_at:%Y-%m-%d %H:%M} UTC",
        "cards": [writer.card(card) for card in report.cards],
        "sections": [writer.section(section) for section in report.sections],
        "behind": [writer.behind(line) for line in lines],
        "behind_found": f"{numbered.found:,}",
        "behind_cut": numbered.found > len(lines),
        "behind_shown": f"{len(lines):,}",
    }


@dataclass(frozen=True, slots=True)
class _Writer:
    numbered: Appendix
    api: str
    limits: Limits
    last: int

    def card(self, card: Card) -> dict[str, Any]:
        column = Column("", "number")
        sums = {name: self._value(value, column) for name, value in _named(card)}
        return {"currency": card.currency, **sums}

    def section(self, section: Section) -> dict[str, Any]:
        return {
            "name": section.name,
            "title": section.title,
            "intro": section.intro,
            "charts": [{"name": c.name, "title": c.title, "note": c.note} for c in section.charts],
            "tables": [self._table(table) for table in section.tables],
        }

    def _table(self, table: Table) -> dict[str, Any]:
        rows = table.rows[: self.limits.rows]
        cut = table.found > len(rows)
        return {
            "title": table.title,
            "columns": [{"name": c.name, "right": c.kind in _RIGHT, "kind": c.kind} for c in table.columns],
            "rows": [[self._value(v, c) for v, c in zip(row, table.columns, strict=True)] for row in rows],
            "empty": "" if table.rows else table.empty,
            "note": table.note,
            "cut": f"The first {len(rows):,} of {table.found:,} rows." if cut else "",
        }

    def _value(self, value: Value, column: Column) -> dict[str, Any]:
        number_of = self.numbered.number_of(value)
        return {
            "shown": shown(value, column),
            "right": column.kind in _RIGHT,
            "mark": value.mark,
            "strong": value.strong,
            "href": link(value, self.api),
            "number": number_of if number_of is not None and number_of <= self.last else None,
        }

    def behind(self, line: Line) -> dict[str, Any]:
        cell = line.part.behind if line.part and isinstance(line.part.behind, Cell) else None
        return {
            "number": line.number,
            "first": line.first,
            "what": line.what if line.first else "",
            "sign": {"+": "", "-": MINUS}[line.part.sign] if line.part else "",
            "shown": number(line.part.value) if line.part and not isinstance(line.part.value, str) else "",
            "place": place(line.part, line.value),
            "href": f"{self.api}/api/v3/provenance?{cell.question}" if cell else None,
        }


def _named(card: Card) -> list[tuple[str, Value]]:
    return [("income", card.income), ("expenses", card.expenses), ("net", card.net)]
