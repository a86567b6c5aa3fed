"""A report as one HTML page that needs nothing else: no script, no font, no picture from elsewhere."""

from functools import cache

import jinja2

from nexus_data.report.appendix import Appendix
from nexus_data.report.charts import HERE
from nexus_data.report.document import Report
from nexus_data.report.facts import MOST_ROWS
from nexus_data.report.view import Limits, view

_LIMITS = Limits(rows=MOST_ROWS, behind=MOST_ROWS)


def html(report: Report, numbered: Appendix, *, api: str, pictures: dict[str, str]) -> bytes:
    """The page, in UTF-8. api: where the API is reached. pictures: the SVG of each chart, by its name."""
    told = view(report, numbered, api=api, limits=_LIMITS)
    return _template().render(**told, pictures=pictures).encode()


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("report.html")
