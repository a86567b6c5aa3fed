"""What is behind the numbers of a report, numbered: the table from each number to its cells, and links to it."""

from collections.abc import Mapping
from dataclasses import dataclass

from nexus_data.report.document import Cell, Command, Part, Report, Value
from nexus_data.report.facts import MOST_ROWS


@dataclass(frozen=True, slots=True)
class Line:
    """One term of a number. number: as links call it, n1 ...; what: where it stands; part: None of a computed one."""

    number: int
    what: str
    value: Value
    part: Part | None
    first: bool


@dataclass(frozen=True, slots=True)
class Appendix:
    """lines: at most 10,000 of `found`. numbers: the number of a value by its identity."""

    lines: tuple[Line, ...]
    found: int
    numbers: Mapping[int, int]

    def number_of(self, value: Value) -> int | None:
        """By which number the value stands in the table; None: it is no number, or was left out."""
        return self.numbers.get(id(value))


def appendix(report: Report) -> Appendix:
    """Number the values that have something behind them, in the order in which they are read."""
    lines: list[Line] = []
    numbers: dict[int, int] = {}
    found = 0
    for number, (what, value) in enumerate(_values(report), 1):
        terms: tuple[Part | None, ...] = value.parts or (None,)
        found += len(terms)
        if len(lines) + len(terms) > MOST_ROWS:
            continue
        numbers[id(value)] = number
        lines += [Line(number, what, value, part, place == 0) for place, part in enumerate(terms)]
    return Appendix(tuple(lines), found, numbers)


def link(value: Value, api: str) -> str | None:
    """Where the API tells the rows behind a value that is one cell; None where there are several, or it is none."""
    if len(value.parts) == 1 and isinstance(cell := value.parts[0].behind, Cell):
        return f"{api}/api/v3/provenance?{cell.question}"
    return None


def place(part: Part | None, value: Value) -> str:
    """What a term is, in words: mart, key and column, a command, or how it is computed."""
    if part is None:
        return value.how
    if isinstance(part.behind, Command):
        return part.behind.text
    cell = part.behind
    days = "" if cell.last is None else f", {cell.first or '...'} to {cell.last}"
    key = ", ".join(f"{name} {text or repr('')}" for name, text in (("user_id", cell.user_id), *cell.key))
    return f"marts.{cell.mart}.{cell.column} of {key}{days}"


def _values(report: Report) -> list[tuple[str, Value]]:
    """Every number with where it stands, those of the cards aside: they stand in a table again."""
    return [
        (" · ".join(filter(None, (table.title or section.title, _row_name(row), column.name))), value)
        for section in report.sections
        for table in section.tables
        for row in table.rows
        for column, value in zip(table.columns, row, strict=True)
        if value.parts or value.how
    ]


def _row_name(row: tuple[Value, ...]) -> str:
    return " ".join(str(value.content) for value in row[:2] if isinstance(value.content, str))
