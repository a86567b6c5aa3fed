"""A report as PDF/A, set by Typst from `templates/report.typ`."""

import json
from datetime import datetime
from typing import Any

from nexus_data.report.appendix import Appendix
from nexus_data.report.charts import FONTS, HERE
from nexus_data.report.document import Report
from nexus_data.report.typeset import typeset
from nexus_data.report.view import Limits, view

_LIMITS = Limits(rows=200, behind=500)
"""On paper: the page and the workbook have the rest. Typst takes a quarter of a millisecond for each cell."""
_TENTHS = 82
_NARROW = ((9, 72), (12, 64))
"""Tables of so many columns are set smaller: tenths of a point."""
_LAST_COVERED = "\N{CYRILLIC SMALL LETTER YA}"


def pdf(report: Report, numbered: Appendix, *, api: str, pictures: dict[str, str]) -> bytes:
    """The document; its date is that of the generation. api, pictures: as for `html`."""
    told = view(report, numbered, api=api, limits=_LIMITS)
    told["date"] = _date(report.published_at)
    for section in told["sections"]:
        for table in section["tables"]:
            table["size"] = _size(len(table["columns"]))
            table["widest"] = _widest(table)
    return typeset(
        HERE / "templates" / "report.typ",
        inputs={"report": json.dumps(told), "pictures": json.dumps(pictures)},
        fonts=FONTS,
        system_fonts=not _covered(report),
        made_at=report.published_at,
    )


def _date(instant: datetime) -> dict[str, Any]:
    return {name: getattr(instant, name) for name in ("year", "month", "day", "hour", "minute", "second")}


def _size(columns: int) -> int:
    return next((points for most, points in reversed(_NARROW) if columns >= most), _TENTHS)


def _widest(table: dict[str, Any]) -> int:
    """The place of the column that takes what room the others leave: the text column with the longest text."""
    places = [place for place, column in enumerate(table["columns"]) if column["kind"] == "text"]
    return max(places, key=lambda place: max((len(row[place]["shown"]) for row in table["rows"]), default=0), default=0)


def _covered(report: Report) -> bool:
    """Whether the fonts in `fonts/` have all its letters: others come from the machine, which then decides how they
    look. Latin, Greek and Cyrillic are here."""
    texts = (str(value.content) for s in report.sections for t in s.tables for row in t.rows for value in row)
    return all(max(text, default="") <= _LAST_COVERED for text in (report.whose, *texts))
