"""Facts to bytes, in each format that is asked for."""

from collections.abc import Sequence

from nexus_data.report.appendix import appendix
from nexus_data.report.charts import svg
from nexus_data.report.compose import compose
from nexus_data.report.document import Report
from nexus_data.report.facts import Facts
from nexus_data.report.html import html
from nexus_data.report.pdf import pdf
from nexus_data.report.xlsx import xlsx


def render(found: Facts, *, formats: Sequence[str], api: str) -> dict[str, bytes]:
    """The bytes of each format: the same for the same facts. api: where the API is reached, for the links."""
    report = compose(found)
    numbered = appendix(report)
    drawn = _pictures(report) if {"html", "pdf"} & set(formats) else {}
    made = {}
    for name in formats:
        if name == "html":
            made[name] = html(report, numbered, api=api, pictures=drawn)
        elif name == "pdf":
            made[name] = pdf(report, numbered, api=api, pictures=drawn)
        else:
            made[name] = xlsx(report, numbered, api=api)
    return made


def _pictures(report: Report) -> dict[str, str]:
    """The SVG of each chart, by its name."""
    return {chart.name: svg(chart) for section in report.sections for chart in section.charts}
