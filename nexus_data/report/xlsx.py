"""A report as a workbook: a sheet a section; numbers that a spreadsheet cannot hold are exact text."""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from nexus_data.report.appendix import Appendix, link, place
from nexus_data.report.document import Cell, Column, Report, Section, Table, Value
from nexus_data.report.facts import MOST_ROWS
from nexus_data.report.texts import MINUS, number

_DIGITS = 15
"""A spreadsheet keeps so many digits of a number, whatever it shows."""
_WIDEST, _NARROWEST, _PADDING = 44, 9, 2
_TITLE_ROWS = 3
_A4 = 9
_LINKS_OF_A_SHEET = 60_000
_WHOLE = 10
"""From here on an axis has marks of whole numbers."""
_SIGNS = str.maketrans("", "", f"{MINUS},.")
_NOTE = "Numbers with more than 15 digits, which a spreadsheet cannot hold, are exact text."


def xlsx(report: Report, numbered: Appendix, *, api: str) -> bytes:
    """The workbook. api: where the API is reached."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties(
            {
                "title": f"{report.whose}: {report.period}"[:255],
                "author": "NEXUS Data",
                "created": report.published_at.astimezone(UTC).replace(tzinfo=None, microsecond=0),
            }
        )
        _Writer(book, report, numbered, api).write()
    return out.getvalue()


class _Writer:
    """Writes one workbook: its formats are made once."""

    def __init__(self, book: Workbook, report: Report, numbered: Appendix, api: str) -> None:
        self._book = book
        self._report = report
        self._numbered = numbered
        self._api = api
        self._formats: dict[tuple[Any, ...], Format] = {}
        self._links = 0

    def write(self) -> None:
        sheets = {s.name: self._book.add_worksheet(_sheet_name(s)) for s in self._report.sections}
        behind = self._book.add_worksheet("Behind the numbers")
        for sheet in (*sheets.values(), behind):
            _on_paper(sheet)
        for section in self._report.sections:
            self._links = 0
            self._section(sheets[section.name], section)
        self._links = 0
        self._behind(behind)

    def _section(self, sheet: Worksheet, section: Section) -> None:
        report = self._report
        sheet.hide_gridlines(2)
        sheet.write_string(
            0, 0, f"{section.title} · {report.whose} · {report.period}", self._format(bold=True, font_size=14)
        )
        about = f"Generation {report.generation}, published {report.published_at:%Y-%m-%d %H:%M} UTC. {_NOTE}"
        sheet.write_string(1, 0, f"{section.intro} {about}".strip(), self._format(font_color="#5B667A"))
        row = _TITLE_ROWS
        widths: dict[int, int] = {}
        first = row
        for table in section.tables:
            row = self._table(sheet, row, table, widths) + 2
        for column, width in widths.items():
            sheet.set_column(column, column, min(max(width + _PADDING, _NARROWEST), _WIDEST))
        sheet.freeze_panes(first, 1)
        if section.name == "money" and section.tables[0].rows:
            self._chart(sheet, section, column=max(widths) + 2)

    def _table(self, sheet: Worksheet, row: int, table: Table, widths: dict[int, int]) -> int:
        if table.title:
            sheet.write_string(row, 0, table.title, self._format(bold=True, font_size=12))
            row += 1
        for place_, column in enumerate(table.columns):
            align = "left" if column.kind == "text" else "right"
            apart = _apart(place_) if align == "left" else {}
            sheet.write_string(row, place_, column.name, self._format(bold=True, bottom=2, align=align, **apart))
            widths[place_] = max(widths.get(place_, 0), len(column.name))
        if not table.rows:
            sheet.write_string(row + 1, 0, table.empty, self._format(italic=True, font_color="#5B667A"))
            return row + 2
        for line in table.rows:
            row += 1
            for place_, (value, column) in enumerate(zip(line, table.columns, strict=True)):
                widths[place_] = max(widths[place_], self._value(sheet, row, place_, value, column))
        for said in (table.note, _cut(table)):
            if said:
                row += 1
                sheet.write_string(row, 0, said, self._format(italic=True, font_color="#5B667A"))
        return row + 1

    def _value(self, sheet: Worksheet, row: int, place_: int, value: Value, column: Column) -> int:
        """Write a value, with the link to what is behind it; how many characters wide it is."""
        style = {"bold": value.strong, "font_color": "#A9301F" if value.mark == "bad" else "#1A2233"}
        content = value.content
        if content is None:
            return 0
        if isinstance(content, datetime):
            naive = content.astimezone(UTC).replace(tzinfo=None)
            sheet.write_datetime(row, place_, naive, self._format(num_format="yyyy-mm-dd hh:mm", **style))
            return 16
        if isinstance(content, date):
            sheet.write_datetime(row, place_, content, self._format(num_format="yyyy-mm-dd", **style))
            return 10
        if isinstance(content, str):
            sheet.write_string(row, place_, content, self._format(**style, **_apart(place_)))
            return len(content) + bool(place_)
        self._link(sheet, row, place_, value)
        if not holds(content):
            sheet.write_string(row, place_, number(content, places=value.places), self._format(align="right", **style))
        else:
            sheet.write_number(
                row, place_, content, self._format(num_format=_number_format(content, value, column), **style)
            )
        return len(number(content, places=value.places))

    def _link(self, sheet: Worksheet, row: int, place_: int, value: Value) -> None:
        target = link(value, self._api)
        at = self._numbered.number_of(value)
        if target is None and at is not None:
            target = f"internal:'Behind the numbers'!A{self._rows_behind()[at]}"
        if target is not None and self._links < _LINKS_OF_A_SHEET:
            self._links += 1
            sheet.write_url(row, place_, target, string="")

    def _rows_behind(self) -> dict[int, int]:
        """The row of the sheet, from 1, at which each number's terms begin."""
        if not hasattr(self, "_places"):
            lines = self._numbered.lines
            self._places = {one.number: row + _TITLE_ROWS for row, one in enumerate(lines) if one.first}
        return self._places

    def _chart(self, sheet: Worksheet, section: Section, *, column: int) -> None:
        """Income and expenses of each currency, beside the first table: the workbook's own chart of its own cells."""
        table = section.tables[0]
        for at in range(min(len(table.rows), 6)):
            row = _TITLE_ROWS + 2 + at
            chart = self._book.add_chart({"type": "bar"})
            name = sheet.get_name()
            header = _TITLE_ROWS + 1
            chart.add_series(
                {
                    "name": [name, row, 0],
                    "categories": [name, header, 1, header, 3],
                    "values": [name, row, 1, row, 3],
                    "points": [{"fill": {"color": c}} for c in ("#2A7F78", "#C8643C", "#1A2233")],
                    "gap": 40,
                }
            )
            chart.set_legend({"none": True})
            chart.set_y_axis({"reverse": True, "label_position": "low"})
            chart.set_x_axis({"num_format": _axis_format(table.rows[at][1:4])})
            chart.set_size({"width": 460, "height": 170})
            sheet.insert_chart(_TITLE_ROWS + at * 9, column, chart)

    def _behind(self, sheet: Worksheet) -> None:
        sheet.hide_gridlines(2)
        said = (
            "Each number is the exact sum of its terms. Questions go to GET /api/v3/provenance or nexus trace --cell."
        )
        sheet.write_string(0, 0, said, self._format(font_color="#5B667A"))
        titles = ("No.", "Number", "Term", "What it is", "Question")
        for at, title in enumerate(titles):
            sheet.write_string(1, at, title, self._format(bold=True, bottom=2))
        for row, line in enumerate(self._numbered.lines, _TITLE_ROWS - 1):
            part = line.part
            if line.first:
                sheet.write_string(row, 0, f"n{line.number}")
                sheet.write_string(row, 1, line.what)
            if part is not None:
                self._term(sheet, row, part.value if part.sign == "+" else _minus(part.value))
                if isinstance(part.behind, Cell):
                    question = part.behind.question
                    sheet.write_url(row, 4, f"{self._api}/api/v3/provenance?{question}", string=question)
            sheet.write_string(row, 3, place(part, line.value))
        last = len(self._numbered.lines) + _TITLE_ROWS - 1
        if self._numbered.found > len(self._numbered.lines):
            sheet.write_string(last, 0, f"The first {MOST_ROWS:,} of {self._numbered.found:,} terms.")
        sheet.autofilter(1, 0, max(last - 1, 1), len(titles) - 1)
        sheet.freeze_panes(2, 0)
        for at, width in enumerate((7, 44, 18, 78, 90)):
            sheet.set_column(at, at, width)

    def _term(self, sheet: Worksheet, row: int, content: Any) -> None:
        if not isinstance(content, (int, Decimal)):
            return
        if holds(content):
            sheet.write_number(row, 2, content, self._format(num_format="#,##0.##################"))
        else:
            sheet.write_string(row, 2, number(content), self._format(align="right"))

    def _format(self, **wanted: Any) -> Format:
        key = tuple(sorted(wanted.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format({"font_name": "Arial", "font_size": 10, **wanted})
        return self._formats[key]


def _apart(place_: int) -> dict[str, int]:
    """Texts stand off the numbers of the column before them."""
    return {"indent": 1} if place_ else {}


def _on_paper(sheet: Worksheet) -> None:
    """All columns side by side on A4, as many pages as there are rows."""
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def holds(content: int | Decimal) -> bool:
    """Whether a spreadsheet keeps every digit."""
    return len(number(content).translate(_SIGNS).strip("0")) <= _DIGITS


def _minus(content: Any) -> Any:
    return Decimal(content).copy_negate() if isinstance(content, (int, Decimal)) else content


def _number_format(content: int | Decimal, value: Value, column: Column) -> str:
    if column.kind == "share":
        return "0.00##%"
    _, _, rest = number(content, places=value.places).partition(".")
    return "#,##0" + (f".{'0' * len(rest)}" if rest else "")


def _axis_format(values: Sequence[Value]) -> str:
    """So many places that marks of an axis up to the largest of the numbers differ."""
    largest = max((abs(Decimal(one.content)) for one in values if isinstance(one.content, (int, Decimal))), default=0)
    return "#,##0" if largest >= _WHOLE or not largest else f"0.{'0' * (1 - Decimal(largest).adjusted())}"


def _cut(table: Table) -> str:
    return f"The first {len(table.rows):,} of {table.found:,} rows." if table.found > len(table.rows) else ""


def _sheet_name(section: Section) -> str:
    return section.title.partition(",")[0][:31]
