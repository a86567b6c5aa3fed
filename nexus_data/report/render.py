"""Facts to bytes, in each format that is asked for."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

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
    make = {
        "html": lambda: html(report, numbered, api=api, pictures=drawn),
        "pdf": lambda: pdf(report, numbered, api=api, pictures=drawn),
        "xlsx": lambda: xlsx(report, numbered, api=api),
    }
    # The PDF takes longest, in a process of its own: the other formats are made meanwhile.
    with ThreadPoolExecutor(max_workers=1) as aside:
        setting = aside.submit(make["pdf"]) if "pdf" in formats else None
        made = {name: make[name]() for name in formats if name != "pdf"}
        return {name: made[name] if setting is None or name != "pdf" else setting.result() for name in formats}


def _pictures(report: Report) -> dict[str, str]:
    """The SVG of each chart, by its name."""
    return {chart.name: svg(chart) for section in report.sections for chart in section.charts}
